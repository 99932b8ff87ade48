namespace Isotope.Datasets.Jpegs;

/// <summary>What a scan consists of, before tables give symbols their codes: symbols, bits and restarts, in order.</summary>
internal sealed class JpegTokens
{
    private readonly List<(HuffmanTable? Table, byte Symbol, byte Length, ushort Bits)> tokens = [];
    private int restarts;

    /// <summary>Adds a symbol and the bits that follow it.</summary>
    public void Add(HuffmanTable table, int symbol, int bits = 0, int length = 0) =>
        tokens.Add((table, (byte)symbol, (byte)length, (ushort)(bits & ((1 << length) - 1))));

    /// <summary>Adds bits without a symbol.</summary>
    public void AddBits(int bits, int length) => tokens.Add((null, 0, (byte)length, (ushort)bits));

    /// <summary>Adds a restart marker.</summary>
    public void AddRestart() => tokens.Add((null, 0, byte.MaxValue, 0));

    /// <summary>Counts how often each table's symbols occur.</summary>
    public void Count(Dictionary<HuffmanTable, long[]> frequencies)
    {
        foreach (var (table, symbol, _, _) in tokens)
        {
            if (table is null)
                continue;
            if (!frequencies.TryGetValue(table, out var times))
                frequencies[table] = times = new long[256];
            times[symbol]++;
        }
    }

    /// <summary>Writes the scan.</summary>
    /// <param name="output">The stream.</param>
    /// <param name="written">The table that takes the place of each.</param>
    public void Write(Stream output, Dictionary<HuffmanTable, HuffmanTable> written)
    {
        var (bits, count) = (0UL, 0);
        restarts = 0;
        foreach (var (table, symbol, length, extra) in tokens)
        {
            if (length == byte.MaxValue)
            {
                Flush();
                output.Write([0xff, (byte)(0xd0 + restarts++ % 8)]);
                continue;
            }

            if (table is not null)
            {
                var (code, size) = written[table].Codes[symbol];
                Put(code, size);
            }

            Put(extra, length);
        }

        Flush();

        void Put(int value, int size)
        {
            bits = (bits << size) | (uint)value;
            count += size;
            while (count >= 8)
                Emit((byte)(bits >> (count -= 8)));
        }

        void Flush()
        {
            if (count > 0)
                Put((1 << (8 - count)) - 1, 8 - count); // filled with ones
        }

        void Emit(byte value)
        {
            output.WriteByte(value);
            if (value == 0xff)
                output.WriteByte(0);
        }
    }
}
