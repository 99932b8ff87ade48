namespace Isotope.Datasets.Jpegs;

/// <summary>Reads the bits of a scan. Behind its end come zeros, as libjpeg has it, but not without end.</summary>
internal ref struct JpegBits(ReadOnlySpan<byte> file, int start)
{
    private const int MostMissing = 1 << 16;
    private readonly ReadOnlySpan<byte> file = file;
    private ulong bits;
    private int count;
    private int missing;

    /// <summary>The position of the next byte.</summary>
    public int Position { get; private set; } = start;

    /// <summary>Decodes a symbol.</summary>
    /// <exception cref="InvalidDataException">The bits are no code.</exception>
    public int Symbol(HuffmanTable table)
    {
        Fill();
        var found = table.Lookup[(ushort)(bits >> (count - 16))];
        if (found == 0)
            throw new InvalidDataException("bits that are no Huffman code");
        count -= found >> 8;
        return found & 0xff;
    }

    /// <summary>Reads up to 16 bits as a number.</summary>
    public int Read(int length)
    {
        Fill();
        count -= length;
        return (int)(bits >> count) & ((1 << length) - 1);
    }

    /// <summary>Reads a signed number of a size in bits, as coefficients are written.</summary>
    public int Signed(int size)
    {
        var value = Read(size);
        return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    }

    /// <summary>Drops the rest of the byte, and skips a restart marker.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public void Restart()
    {
        (bits, count) = (0, 0);
        if (Position + 1 >= file.Length || file[Position] != 0xff || file[Position + 1] is < 0xd0 or > 0xd7)
            throw new InvalidDataException("no restart marker where one is due");
        Position += 2;
    }

    private void Fill()
    {
        while (count <= 32)
        {
            bits = (bits << 8) | Next();
            count += 8;
        }
    }

    private byte Next()
    {
        if (Position < file.Length && file[Position] != 0xff)
            return file[Position++];
        if (Position + 1 < file.Length && file[Position + 1] == 0)
        {
            Position += 2;
            return 0xff;
        }

        return ++missing <= MostMissing ? (byte)0 : throw new InvalidDataException("the end of a scan too early");
    }
}
