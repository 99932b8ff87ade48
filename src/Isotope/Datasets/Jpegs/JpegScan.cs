using System.Numerics;

namespace Isotope.Datasets.Jpegs;

/// <summary>A component of a JPEG: a plane of blocks of 8 × 8 coefficients.</summary>
/// <param name="Id">Its number in the file.</param>
/// <param name="Across">Its sampling factor across.</param>
/// <param name="Down">Its sampling factor down.</param>
/// <param name="Table">The number of its quantisation table.</param>
/// <param name="BlocksAcross">The blocks across that hold pixels of the image.</param>
/// <param name="BlocksDown">The blocks down that hold pixels of the image.</param>
/// <param name="Stride">The blocks in a row, with those that fill the last unit.</param>
/// <param name="Rows">The rows of blocks, with those that fill the last unit.</param>
internal sealed record JpegComponent(int Id, int Across, int Down, int Table, int BlocksAcross, int BlocksDown, int Stride, int Rows)
{
    /// <summary>The number of coefficients, with those that fill the last units.</summary>
    public int Length => Stride * Rows * JpegScan.Block;
}

/// <summary>A component in a scan, with its tables.</summary>
internal sealed record ScanComponent(int Index, JpegComponent Component, HuffmanTable? Dc, HuffmanTable? Ac);

/// <summary>
/// A scan of a JPEG, baseline or progressive (ITU-T T.81, annexes F and G): how coefficients, block by block and in zigzag order, become
/// tokens and back.
/// </summary>
internal sealed record JpegScan(IReadOnlyList<ScanComponent> Components, int Start, int End, int High, int Low, int Restart)
{
    /// <summary>The coefficients of a block.</summary>
    public const int Block = 64;

    private const int MostEmptyBlocks = 0x7fff;
    private const int MostCorrections = 937; // as libjpeg has it, so that the same coefficients give the same bytes

    /// <summary>Reads the scan into coefficients. Each component's are all blocks, row by row, 64 coefficients each.</summary>
    /// <exception cref="InvalidDataException">The scan is damaged.</exception>
    public void Read(ref JpegBits bits, short[][] coefficients, bool progressive)
    {
        var last = new int[Components.Count];
        var empty = 0;
        var unit = 0;
        foreach (var (i, block) in Blocks())
        {
            if (i < 0)
            {
                if (Restart > 0 && unit > 0 && unit % Restart == 0)
                {
                    bits.Restart();
                    Array.Clear(last);
                    empty = 0;
                }

                unit++;
                continue;
            }

            var (index, _, dc, ac) = Components[i];
            var values = coefficients[index].AsSpan(block * Block, Block);
            if (Start == 0)
                ReadDc(ref bits, values, dc, ref last[i]);
            if (!progressive)
                ReadAc(ref bits, values, ac!);
            else if (Start > 0 && High == 0)
                ReadFirst(ref bits, values, ac!, ref empty);
            else if (Start > 0)
                ReadRefinement(ref bits, values, ac!, ref empty);
        }
    }

    /// <summary>The tokens of the scan for some coefficients.</summary>
    public JpegTokens Tokens(short[][] coefficients, bool progressive)
    {
        var tokens = new JpegTokens();
        var last = new int[Components.Count];
        var run = new EmptyBlocks(tokens);
        var unit = 0;
        foreach (var (i, block) in Blocks())
        {
            if (i < 0)
            {
                if (Restart > 0 && unit > 0 && unit % Restart == 0)
                {
                    run.End();
                    tokens.AddRestart();
                    Array.Clear(last);
                }

                unit++;
                continue;
            }

            var (index, _, dc, ac) = Components[i];
            var values = coefficients[index].AsSpan(block * Block, Block);
            if (Start == 0)
                WriteDc(tokens, values, dc, ref last[i]);
            if (!progressive)
                WriteAc(tokens, values, ac!);
            else if (Start > 0 && High == 0)
                WriteFirst(tokens, values, ac!, run);
            else if (Start > 0)
                WriteRefinement(tokens, values, ac!, run);
        }

        run.End();
        return tokens;
    }

    /// <summary>
    /// The blocks in the order of the scan, each by its component's place in the scan; −1 comes before each unit. A scan of one component
    /// has no blocks that only fill units.
    /// </summary>
    private IEnumerable<(int Component, int Block)> Blocks()
    {
        if (Components is [var (_, only, _, _)])
        {
            for (var y = 0; y < only.BlocksDown; y++)
            for (var x = 0; x < only.BlocksAcross; x++)
            {
                yield return (-1, 0);
                yield return (0, y * only.Stride + x);
            }

            yield break;
        }

        var first = Components[0].Component;
        for (var y = 0; y < first.Rows / first.Down; y++)
        for (var x = 0; x < first.Stride / first.Across; x++)
        {
            yield return (-1, 0);
            foreach (var (i, part) in Components.Index())
                for (var v = 0; v < part.Component.Down; v++)
                for (var h = 0; h < part.Component.Across; h++)
                    yield return (i, (y * part.Component.Down + v) * part.Component.Stride + x * part.Component.Across + h);
        }
    }

    private void ReadDc(ref JpegBits bits, Span<short> values, HuffmanTable? table, ref int last)
    {
        if (High > 0)
        {
            values[0] |= (short)(bits.Read(1) << Low);
            return;
        }

        var size = bits.Symbol(table!);
        if (size > 15)
            throw new InvalidDataException("a coefficient of more than 15 bits");
        last += bits.Signed(size);
        values[0] = (short)(last << Low);
    }

    private void WriteDc(JpegTokens tokens, ReadOnlySpan<short> values, HuffmanTable? table, ref int last)
    {
        var value = values[0] >> Low;
        if (High > 0)
        {
            tokens.AddBits(value & 1, 1);
            return;
        }

        var difference = value - last;
        last = value;
        var size = SizeOf(difference);
        tokens.Add(table!, size, difference < 0 ? difference - 1 : difference, size);
    }

    private static void ReadAc(ref JpegBits bits, Span<short> values, HuffmanTable table)
    {
        for (var k = 1; k < Block; k++)
        {
            var symbol = bits.Symbol(table);
            if (symbol == 0)
                return;
            k += symbol >> 4;
            var value = bits.Signed(symbol & 15);
            if (k >= Block)
                throw new InvalidDataException("more than 64 coefficients in a block");
            values[k] = (short)value;
        }
    }

    private static void WriteAc(JpegTokens tokens, ReadOnlySpan<short> values, HuffmanTable table)
    {
        var zeros = 0;
        for (var k = 1; k < Block; k++)
        {
            int value = values[k];
            if (value == 0)
            {
                zeros++;
                continue;
            }

            for (; zeros > 15; zeros -= 16)
                tokens.Add(table, 0xf0);
            var size = SizeOf(value);
            tokens.Add(table, (zeros << 4) | size, value < 0 ? value - 1 : value, size);
            zeros = 0;
        }

        if (zeros > 0)
            tokens.Add(table, 0);
    }

    private void ReadFirst(ref JpegBits bits, Span<short> values, HuffmanTable table, ref int empty)
    {
        if (empty > 0)
        {
            empty--;
            return;
        }

        for (var k = Start; k <= End; k++)
        {
            var symbol = bits.Symbol(table);
            var (zeros, size) = (symbol >> 4, symbol & 15);
            if (size == 0 && zeros < 15)
            {
                empty = (1 << zeros) + bits.Read(zeros) - 1;
                return;
            }

            k += zeros;
            if (size == 0)
                continue;
            if (k > End)
                throw new InvalidDataException("more coefficients in a block than the scan has");
            values[k] = (short)(bits.Signed(size) << Low);
        }
    }

    private void WriteFirst(JpegTokens tokens, ReadOnlySpan<short> values, HuffmanTable table, EmptyBlocks run)
    {
        var zeros = 0;
        for (var k = Start; k <= End; k++)
        {
            var size = Math.Abs(values[k]) >> Low;
            if (size == 0)
            {
                zeros++;
                continue;
            }

            run.End();
            for (; zeros > 15; zeros -= 16)
                tokens.Add(table, 0xf0);
            var length = SizeOf(size);
            tokens.Add(table, (zeros << 4) | length, values[k] < 0 ? ~size : size, length);
            zeros = 0;
        }

        if (zeros > 0)
            run.Add(table, []);
    }

    private void ReadRefinement(ref JpegBits bits, Span<short> values, HuffmanTable table, ref int empty)
    {
        var step = (short)(1 << Low);
        var k = Start;
        while (empty == 0 && k <= End)
        {
            var symbol = bits.Symbol(table);
            var (zeros, size) = (symbol >> 4, symbol & 15);
            if (size == 0 && zeros < 15)
            {
                empty = (1 << zeros) + bits.Read(zeros);
                break;
            }

            var value =
                size == 0 ? (short)0
                : bits.Read(1) == 1 ? step
                : (short)-step;
            for (; k <= End; k++)
            {
                if (values[k] != 0)
                    Refine(ref bits, ref values[k]);
                else if (zeros-- == 0)
                    break;
            }

            if (value != 0 && k <= End)
                values[k] = value;
            k++;
        }

        if (empty == 0)
            return;
        for (; k <= End; k++)
            if (values[k] != 0)
                Refine(ref bits, ref values[k]);
        empty--;

        void Refine(ref JpegBits from, ref short value)
        {
            if (from.Read(1) == 1 && (value & step) == 0)
                value += (short)(value > 0 ? step : -step);
        }
    }

    private void WriteRefinement(JpegTokens tokens, ReadOnlySpan<short> values, HuffmanTable table, EmptyBlocks run)
    {
        var end = Start - 1; // the last coefficient that becomes nonzero in this scan
        for (var k = Start; k <= End; k++)
            if (Math.Abs(values[k]) >> Low == 1)
                end = k;
        var zeros = 0;
        var corrections = new List<bool>();
        for (var k = Start; k <= End; k++)
        {
            var size = Math.Abs(values[k]) >> Low;
            if (size == 0)
            {
                zeros++;
                continue;
            }

            while (zeros > 15 && k <= end)
            {
                run.End();
                tokens.Add(table, 0xf0);
                zeros -= 16;
                Correct(tokens, corrections);
            }

            if (size > 1)
            {
                corrections.Add((size & 1) == 1);
                continue;
            }

            run.End();
            tokens.Add(table, (zeros << 4) | 1, values[k] < 0 ? 0 : 1, 1);
            Correct(tokens, corrections);
            zeros = 0;
        }

        if (zeros > 0 || corrections.Count > 0)
            run.Add(table, corrections);
    }

    private static void Correct(JpegTokens tokens, List<bool> corrections)
    {
        foreach (var correction in corrections)
            tokens.AddBits(correction ? 1 : 0, 1);
        corrections.Clear();
    }

    private static int SizeOf(int value) => 32 - BitOperations.LeadingZeroCount((uint)Math.Abs(value));

    /// <summary>A run of blocks that have no more coefficients in a progressive scan, with the corrections of earlier ones.</summary>
    private sealed class EmptyBlocks(JpegTokens tokens)
    {
        private readonly List<bool> pending = [];
        private HuffmanTable? of;
        private int count;

        public void Add(HuffmanTable table, List<bool> corrections)
        {
            of = table;
            count++;
            pending.AddRange(corrections);
            if (count == MostEmptyBlocks || pending.Count > MostCorrections)
                End();
        }

        public void End()
        {
            if (count == 0)
                return;
            var size = SizeOf(count) - 1;
            tokens.Add(of!, size << 4, count, size);
            count = 0;
            Correct(tokens, pending);
        }
    }
}
