using System.Buffers.Binary;
using static Isotope.Datasets.Jpegs.JpegScan;

namespace Isotope.Datasets.Jpegs;

/// <summary>How the planes of a JPEG become colours.</summary>
internal enum JpegColours
{
    /// <summary>One plane of grey levels.</summary>
    Grey,

    /// <summary>Luminance and two planes of chroma.</summary>
    YCbCr,

    /// <summary>Red, green and blue.</summary>
    Rgb,

    /// <summary>Four inks, stored inverted.</summary>
    Cmyk,

    /// <summary>Luminance and chroma of three inks, and black.</summary>
    Ycck,
}

/// <summary>
/// A JPEG of Huffman codes, baseline or progressive, taken apart so that it can be written again with other coefficients. All else stays
/// the same, byte for byte: tables of quantisation, sampling, scans, restarts, metadata, profiles, and what follows the image. Huffman
/// tables stay too, unless they were optimal for the original's coefficients, or lack a symbol: then they are optimal for the new ones.
/// </summary>
internal sealed class JpegFile
{
    private readonly List<object> parts = []; // bytes, HuffmanTable[] or JpegScan
    private readonly Dictionary<int, ushort[]> steps = [];
    private readonly HuffmanTable?[] tables = new HuffmanTable?[0x20];
    private bool progressive;
    private int restart;
    private int? adobe;
    private HashSet<HuffmanTable>? optimal;
    private bool isJfif;

    private JpegFile() { }

    /// <summary>The width in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>The height in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>The components, in the file's order.</summary>
    public JpegComponent[] Components { get; private set; } = [];

    /// <summary>Each component's coefficients, in units of its quantisation steps: 64 of each block in zigzag order, row by row.</summary>
    public short[][] Coefficients { get; private set; } = [];

    /// <summary>How planes become colours.</summary>
    public JpegColours Colours =>
        Components.Length switch
        {
            1 => JpegColours.Grey,
            4 => adobe == 2 ? JpegColours.Ycck : JpegColours.Cmyk,
            _ when isJfif => JpegColours.YCbCr,
            _ when adobe is { } transform => transform == 0 ? JpegColours.Rgb : JpegColours.YCbCr,
            _ => Components is [{ Id: 'R' }, { Id: 'G' }, { Id: 'B' }] ? JpegColours.Rgb : JpegColours.YCbCr,
        };

    /// <summary>Takes a file apart; <paramref name="name"/> is used only in errors.</summary>
    /// <exception cref="IsotopeException">It is damaged, or a JPEG of another kind.</exception>
    public static JpegFile Read(string name, ReadOnlySpan<byte> file)
    {
        var jpeg = new JpegFile();
        try
        {
            jpeg.Parse(file);
            return jpeg;
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            var found = e is InvalidDataException ? e.Message : "a damaged segment";
            throw new IsotopeException(
                $"{name}: expected a whole JPEG of Huffman codes, found {found}; --format png marks it if other programs can read it",
                e
            );
        }
    }

    /// <summary>The quantisation steps of a component, in zigzag order.</summary>
    public ushort[] StepsOf(JpegComponent component) => steps[component.Table];

    /// <summary>The file with other coefficients.</summary>
    public byte[] With(short[][] coefficients)
    {
        var written = parts.OfType<JpegScan>().Select(scan => scan.Tokens(coefficients, progressive)).ToArray();
        var replaced = Replace(Count(written));
        using var output = new MemoryStream();
        var next = 0;
        foreach (var part in parts)
            if (part is byte[] bytes)
                output.Write(bytes);
            else if (part is HuffmanTable[] defined)
                WriteSegment(output, [.. defined.SelectMany(table => replaced.GetValueOrDefault(table, table).Bytes)]);
            else
                written[next++].Write(output, replaced);
        return output.ToArray();
    }

    private static Dictionary<HuffmanTable, long[]> Count(IEnumerable<JpegTokens> scans)
    {
        var frequencies = new Dictionary<HuffmanTable, long[]>();
        foreach (var scan in scans)
            scan.Count(frequencies);
        return frequencies;
    }

    /// <summary>The tables to write for symbols of some frequencies.</summary>
    private Dictionary<HuffmanTable, HuffmanTable> Replace(Dictionary<HuffmanTable, long[]> frequencies)
    {
        optimal ??= FindOptimal();
        return frequencies.ToDictionary(
            of => of.Key,
            of => optimal.Contains(of.Key) || !of.Key.Covers(of.Value) ? HuffmanTable.Optimal(of.Key.Kind, of.Value) : of.Key
        );
    }

    /// <summary>The tables that are optimal for the original's coefficients.</summary>
    private HashSet<HuffmanTable> FindOptimal() =>
        [
            .. Count(parts.OfType<JpegScan>().Select(scan => scan.Tokens(Coefficients, progressive)))
                .Where(of => HuffmanTable.Optimal(of.Key.Kind, of.Value).SameAs(of.Key))
                .Select(of => of.Key),
        ];

    private static void WriteSegment(MemoryStream output, byte[] payload)
    {
        output.Write([0xff, 0xc4, (byte)((payload.Length + 2) >> 8), (byte)(payload.Length + 2)]);
        output.Write(payload);
    }

    private void Parse(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8]))
            throw new InvalidDataException("another beginning");
        parts.Add(file[..2].ToArray());
        var position = 2;
        while (position < file.Length)
        {
            var start = position;
            while (position < file.Length && file[position] == 0xff)
                position++;
            if (position == start || position >= file.Length)
                break; // nothing that belongs to the image
            var marker = file[position++];
            if (marker is 0xd9)
            {
                position = start;
                break;
            }

            if (marker is 0x01 or (>= 0xd0 and <= 0xd7))
            {
                parts.Add(file[start..position].ToArray());
                continue;
            }

            var end = position + BinaryPrimitives.ReadUInt16BigEndian(file[position..]);
            var payload = file[(position + 2)..end];
            position = end;
            ReadSegment(marker, payload, file[start..end]);
            if (marker == 0xda)
                position = ReadScan(payload, file, end);
        }

        if (Components.Length == 0)
            throw new InvalidDataException("no image");
        parts.Add(file[position..].ToArray());
    }

    private void ReadSegment(byte marker, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> whole)
    {
        switch (marker)
        {
            case 0xc4:
                ReadTables(payload);
                return;
            case 0xdb:
                ReadSteps(payload);
                break;
            case 0xdd:
                restart = BinaryPrimitives.ReadUInt16BigEndian(payload);
                break;
            case 0xe0 when payload.StartsWith("JFIF\0"u8):
                isJfif = true;
                break;
            case 0xee when payload.StartsWith("Adobe"u8) && payload.Length >= 12:
                adobe = payload[11];
                break;
            case 0xc0 or 0xc1 or 0xc2:
                ReadFrame(marker, payload);
                break;
            case >= 0xc3 and <= 0xcf and not 0xc8:
                throw new InvalidDataException(marker > 0xc8 ? "arithmetic codes" : "a lossless or hierarchical one");
            case 0xdc:
                throw new InvalidDataException("a height that follows the image");
        }

        parts.Add(whole.ToArray());
    }

    private void ReadSteps(ReadOnlySpan<byte> payload)
    {
        while (payload.Length > 0)
        {
            var (wide, number) = (payload[0] >> 4, payload[0] & 15);
            var length = Block * (wide + 1);
            var table = new ushort[Block];
            for (var k = 0; k < Block; k++)
                table[k] = wide == 0 ? payload[1 + k] : BinaryPrimitives.ReadUInt16BigEndian(payload[(1 + 2 * k)..]);
            if (wide > 1 || table.Contains((ushort)0) || (steps.TryGetValue(number, out var other) && !other.SequenceEqual(table)))
                throw new InvalidDataException("unusual quantisation tables");
            steps[number] = table;
            payload = payload[(1 + length)..];
        }
    }

    private void ReadTables(ReadOnlySpan<byte> payload)
    {
        var defined = new List<HuffmanTable>();
        while (payload.Length > 0)
        {
            var counts = payload.Slice(1, 16).ToArray();
            var symbols = counts.Sum(count => count);
            var (total, free) = (0, 1);
            foreach (var count in counts)
                total += count * (1 << (16 - free++));
            if ((payload[0] & ~0x13) != 0 || symbols > 256 || total > 1 << 16)
                throw new InvalidDataException("a damaged Huffman table");
            var table = new HuffmanTable(payload[0], counts, payload.Slice(17, symbols).ToArray());
            tables[table.Kind] = table;
            defined.Add(table);
            payload = payload[(17 + symbols)..];
        }

        parts.Add(defined.ToArray());
    }

    private void ReadFrame(byte marker, ReadOnlySpan<byte> payload)
    {
        if (Components.Length > 0)
            throw new InvalidDataException("several frames");
        progressive = marker == 0xc2;
        Height = BinaryPrimitives.ReadUInt16BigEndian(payload[1..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(payload[3..]);
        var count = payload[5];
        if (payload[0] != 8 || Width == 0 || Height == 0 || count is not (1 or 3 or 4))
            throw new InvalidDataException("another number of bits or components");
        if ((long)Width * Height > ImageCodec.MaxPixels)
            throw new InvalidDataException("too many pixels");
        var sampled = payload.Slice(6, 3 * count).ToArray().Chunk(3).ToArray();
        if (count == 1)
            sampled[0][1] = 0x11; // factors mean nothing then
        var across = sampled.Max(part => part[1] >> 4);
        var down = sampled.Max(part => part[1] & 15);
        if (sampled.Any(part => part[1] >> 4 is < 1 or > 4 || (part[1] & 15) is < 1 or > 4))
            throw new InvalidDataException("other sampling factors");
        if (sampled.Any(part => across % (part[1] >> 4) != 0 || down % (part[1] & 15) != 0))
            throw new InvalidDataException("other sampling factors");
        var (unitsAcross, unitsDown) = (Over(Width, 8 * across), Over(Height, 8 * down));
        Components =
        [
            .. sampled.Select(part =>
            {
                var (h, v) = (part[1] >> 4, part[1] & 15);
                var (blocksAcross, blocksDown) = (Over(Over(Width * h, across), 8), Over(Over(Height * v, down), 8));
                return new JpegComponent(part[0], h, v, part[2], blocksAcross, blocksDown, unitsAcross * h, unitsDown * v);
            }),
        ];
        Coefficients = [.. Components.Select(component => new short[component.Length])];

        static int Over(int size, int unit) => (size + unit - 1) / unit;
    }

    private int ReadScan(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> file, int start)
    {
        var count = payload[0];
        if (Components.Length == 0 || count is < 1 or > 4)
            throw new InvalidDataException("a scan without a frame");
        var components = new List<ScanComponent>();
        for (var i = 0; i < count; i++)
        {
            var (id, use) = (payload[1 + 2 * i], payload[2 + 2 * i]);
            var index = Array.FindIndex(Components, component => component.Id == id);
            if (index < 0 || !steps.ContainsKey(Components[index].Table))
                throw new InvalidDataException("a component that is not defined");
            components.Add(new ScanComponent(index, Components[index], tables[(use >> 4) & 3], tables[0x10 | (use & 3)]));
        }

        var (first, last, bits) = (payload[1 + 2 * count], payload[2 + 2 * count], payload[3 + 2 * count]);
        if (!progressive)
            (first, last, bits) = (0, 63, 0);
        var scan = new JpegScan(components, first, last, bits >> 4, bits & 15, restart);
        Check(scan);
        var reader = new JpegBits(file, start);
        scan.Read(ref reader, Coefficients, progressive);
        parts.Add(scan);
        return SkipToMarker(file, reader.Position);
    }

    private void Check(JpegScan scan)
    {
        var fits = scan.End < Block && scan.Start <= scan.End && scan.Low <= 13 && (scan.High == 0 || scan.High == scan.Low + 1);
        if (progressive && scan.Start == 0 && scan.End > 0)
            fits = false;
        if (scan.Start > 0 && scan.Components.Count > 1)
            fits = false;
        var hasTables = scan.Components.All(part =>
            (part.Dc is not null || scan.Start > 0 || scan.High > 0) && (part.Ac is not null || (progressive && scan.Start == 0))
        );
        if (!fits || !hasTables)
            throw new InvalidDataException("a damaged scan");
    }

    /// <summary>The position of the next marker that is not part of a scan's data.</summary>
    private static int SkipToMarker(ReadOnlySpan<byte> file, int position)
    {
        while (position + 1 < file.Length && (file[position] != 0xff || file[position + 1] is 0 or 0xff or (>= 0xd0 and <= 0xd7)))
            position++;
        return position + 1 < file.Length ? position : file.Length;
    }
}
