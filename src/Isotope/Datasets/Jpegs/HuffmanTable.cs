namespace Isotope.Datasets.Jpegs;

/// <summary>A Huffman code of a JPEG (ITU-T T.81, annex C). Codes of at most 16 bits stand for symbols of a byte.</summary>
/// <param name="kind">The first byte of its definition: the class (0x00 for DC, 0x10 for AC) and the number, 0 to 3.</param>
/// <param name="counts">The number of codes of 1, 2, … 16 bits.</param>
/// <param name="symbols">The symbols, in the order of their codes.</param>
internal sealed class HuffmanTable(byte kind, byte[] counts, byte[] symbols)
{
    private const int LongestCode = 16;
    private const int Symbols = 256;
    private (ushort Code, byte Length)[]? codes;
    private ushort[]? lookup;

    /// <summary>Class and number.</summary>
    public byte Kind => kind;

    /// <summary>The bytes that define the table in its segment.</summary>
    public byte[] Bytes => [kind, .. counts, .. symbols];

    /// <summary>The code of each symbol; of length 0 for symbols without one.</summary>
    public (ushort Code, byte Length)[] Codes => codes ??= MakeCodes();

    /// <summary>For the next 16 bits: a symbol, and the length of its code in the upper byte; 0 if there is no such code.</summary>
    public ushort[] Lookup => lookup ??= MakeLookup();

    /// <summary>Whether both define the same code.</summary>
    public bool SameAs(HuffmanTable other) => Bytes.AsSpan().SequenceEqual(other.Bytes);

    /// <summary>Whether there is a code for each symbol that occurs.</summary>
    public bool Covers(long[] frequencies) => !frequencies.Where((times, symbol) => times > 0 && Codes[symbol].Length == 0).Any();

    /// <summary>The shortest code for symbols of some frequencies (annex K.2), as libjpeg makes it.</summary>
    public static HuffmanTable Optimal(byte kind, long[] frequencies)
    {
        var lengths = LengthsOf([.. frequencies, 1]); // one more symbol keeps the code of all ones free
        var counts = new int[Math.Max(lengths.Max(), LongestCode) + 1];
        foreach (var length in lengths.Where(length => length > 0))
            counts[length]++;
        Shorten(counts);
        var longest = Array.FindLastIndex(counts, count => count > 0);
        counts[longest]--; // that of the additional symbol
        var used = Enumerable.Range(0, Symbols).Where(symbol => lengths[symbol] > 0);
        return new HuffmanTable(
            kind,
            [.. counts.Skip(1).Take(LongestCode).Select(count => (byte)count)],
            [.. used.OrderBy(symbol => lengths[symbol]).ThenBy(symbol => symbol).Select(symbol => (byte)symbol)]
        );
    }

    /// <summary>The lengths of Huffman's codes: the two rarest symbols or groups are joined again and again.</summary>
    private static int[] LengthsOf(long[] frequencies)
    {
        var lengths = new int[frequencies.Length];
        var groups = frequencies
            .Select((times, symbol) => (Times: times, Symbols: new List<int> { symbol }))
            .Where(group => group.Times > 0)
            .ToList();
        while (groups.Count > 1)
        {
            var first = TakeRarest(groups);
            var second = TakeRarest(groups);
            foreach (var symbol in first.Symbols.Concat(second.Symbols))
                lengths[symbol]++;
            groups.Add((first.Times + second.Times, [.. first.Symbols, .. second.Symbols]));
            groups.Sort((a, b) => a.Symbols[0].CompareTo(b.Symbols[0]));
        }

        return lengths;
    }

    /// <summary>The rarest group; of equally rare ones that with the highest first symbol.</summary>
    private static (long Times, List<int> Symbols) TakeRarest(List<(long Times, List<int> Symbols)> groups)
    {
        var rarest = groups.Count - 1;
        for (var i = groups.Count - 2; i >= 0; i--)
            if (groups[i].Times < groups[rarest].Times)
                rarest = i;
        var group = groups[rarest];
        groups.RemoveAt(rarest);
        return group;
    }

    /// <summary>Limits codes to 16 bits: two of the longest become a shorter one, at the cost of another symbol.</summary>
    private static void Shorten(int[] counts)
    {
        for (var length = counts.Length - 1; length > LongestCode; length--)
            while (counts[length] > 0)
            {
                var shorter = length - 2;
                while (counts[shorter] == 0)
                    shorter--;
                counts[length] -= 2;
                counts[length - 1]++;
                counts[shorter + 1] += 2;
                counts[shorter]--;
            }
    }

    private (ushort, byte)[] MakeCodes()
    {
        var made = new (ushort, byte)[Symbols];
        var (code, next) = (0, 0);
        for (var length = 1; length <= LongestCode; length++, code <<= 1)
        for (var i = 0; i < counts[length - 1]; i++)
            made[symbols[next++]] = ((ushort)code++, (byte)length);
        return made;
    }

    private ushort[] MakeLookup()
    {
        var made = new ushort[1 << LongestCode];
        for (var symbol = 0; symbol < Symbols; symbol++)
        {
            var (code, length) = Codes[symbol];
            var free = LongestCode - length;
            if (length > 0)
                made.AsSpan((code << free) & 0xffff, 1 << free).Fill((ushort)((length << 8) | symbol));
        }

        return made;
    }
}
