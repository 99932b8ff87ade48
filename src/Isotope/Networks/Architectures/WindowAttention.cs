using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// Attention within windows of 7 × 7 pixels of maps N × H × W × C, with a learned bias for each offset between two pixels. Maps are padded
/// with zeros to whole windows. A shifted one rolls the map by 3 pixels first; pixels that met only by rolling do not see each other.
/// </summary>
internal sealed class WindowAttention : nn.Module<Tensor, Tensor>
{
    private const int Side = 7;
    private const int Shift = Side / 2;
    private const int Offsets = 2 * Side - 1;
    private const int HeadWidth = 32;

    /// <summary>Added to the fit of pixels that must not see each other.</summary>
    private const float Apart = -100;

    private readonly bool isShifted;
    private readonly int heads;
    private readonly Parameter relative_position_bias_table;
    private readonly Linear qkv;
    private readonly Linear proj;

    public WindowAttention(int channels, bool isShifted, Device? device)
        : base(nameof(WindowAttention))
    {
        this.isShifted = isShifted;
        heads = channels / HeadWidth;
        relative_position_bias_table = new Parameter(zeros(Offsets * Offsets, heads, device: device));
        qkv = nn.Linear(channels, 3 * channels, device: device);
        proj = nn.Linear(channels, channels, device: device);
        register_parameter(nameof(relative_position_bias_table), relative_position_bias_table);
        register_buffer("relative_position_index", tensor(OffsetIndex(), device: device));
        register_module(nameof(qkv), qkv);
        register_module(nameof(proj), proj);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (input.shape[1], input.shape[2]);
        var padded = nn.functional.pad(input, [0, 0, 0, Missing(width), 0, Missing(height)]);
        var (rows, columns) = (padded.shape[1], padded.shape[2]);
        // One window across a side needs no shift along it.
        long[] shifts = isShifted ? [rows > Side ? Shift : 0, columns > Side ? Shift : 0] : [0, 0];
        var rolled = Rolled(padded, [-shifts[0], -shifts[1]]);
        var windows = Windows(rolled);
        var attended = proj.call(Attention.Of(Attention.Split(qkv.call(windows), heads), Bias(rows, columns, shifts, input.shape[0])));
        var whole = Rolled(Map(attended, rows, columns), shifts);
        return whole.narrow(1, 0, height).narrow(2, 0, width).MoveToOuterDisposeScope();
    }

    private static Tensor Rolled(Tensor maps, long[] shifts)
    {
        long[] sides = [1, 2];
        return maps.roll(shifts, sides);
    }

    private static long Missing(long side) => (Side - side % Side) % Side;

    /// <summary>Maps N × H × W × C as windows N·k × 49 × C.</summary>
    private static Tensor Windows(Tensor maps)
    {
        var (count, rows, columns, channels) = (maps.shape[0], maps.shape[1] / Side, maps.shape[2] / Side, maps.shape[3]);
        return maps.reshape(count, rows, Side, columns, Side, channels).permute(0, 1, 3, 2, 4, 5).reshape(-1, Side * Side, channels);
    }

    private static Tensor Map(Tensor windows, long rows, long columns) =>
        windows
            .view(-1, rows / Side, columns / Side, Side, Side, windows.shape[2])
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(-1, rows, columns, windows.shape[2]);

    /// <summary>The learned bias, heads × 49 × 49, and for shifted windows what keeps pixels apart, N·k × heads × 49 × 49.</summary>
    private Tensor Bias(long rows, long columns, long[] shifts, long count)
    {
        var index = get_buffer("relative_position_index")!;
        var learned = relative_position_bias_table.index_select(0, index).view(Side * Side, Side * Side, heads).permute(2, 0, 1);
        if (shifts is [0, 0])
            return learned;
        var regions = Windows(tensor(Regions(rows, columns, shifts), [1, rows, columns, 1], device: learned.device)).squeeze(2);
        var apart = regions.unsqueeze(1).ne(regions.unsqueeze(2)).to_type(learned.dtype).Times(Apart);
        return apart.unsqueeze(1).Plus(learned).repeat(count, 1, 1, 1);
    }

    /// <summary>For each pixel of the rolled map, which pixels were its neighbours before: numbers 0 to 8.</summary>
    private static float[] Regions(long rows, long columns, long[] shifts)
    {
        var regions = new float[rows * columns];
        for (var i = 0; i < regions.Length; i++)
            regions[i] = 3 * Part(i / columns, rows, shifts[0]) + Part(i % columns, columns, shifts[1]);
        return regions;

        static int Part(long at, long side, long shift)
        {
            if (shift == 0 || at < side - Side)
                return 0;
            return at < side - shift ? 1 : 2;
        }
    }

    /// <summary>For two pixels of a window, the row of their offset in the table: 49 · 49 numbers.</summary>
    private static long[] OffsetIndex()
    {
        var index = new long[Side * Side * Side * Side];
        for (var i = 0; i < index.Length; i++)
        {
            var (from, to) = (i / (Side * Side), i % (Side * Side));
            var down = from / Side - to / Side + Side - 1;
            var right = from % Side - to % Side + Side - 1;
            index[i] = down * Offsets + right;
        }

        return index;
    }
}
