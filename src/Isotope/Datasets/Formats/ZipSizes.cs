using System.Buffers.Binary;

namespace Isotope.Datasets.Formats;

/// <summary>Numbers of 32 bits in zip archives, or of 64 bits in an extra field, in a fixed order, where 32 do not suffice.</summary>
internal static class ZipSizes
{
    private const int LargeField = 1;

    /// <summary>The data of the extra field of numbers of 64 bits; empty if there is none.</summary>
    public static ReadOnlySpan<byte> Large(ReadOnlySpan<byte> extra)
    {
        var (start, length) = Find(extra);
        return extra.Slice(start, length);
    }

    /// <summary>A number: the next of 64 bits if the one of 32 refers to it.</summary>
    public static long Take(uint number, ref ReadOnlySpan<byte> large)
    {
        if (number != uint.MaxValue || large.Length < sizeof(long))
            return number;
        var value = BinaryPrimitives.ReadInt64LittleEndian(large);
        large = large[sizeof(long)..];
        return value;
    }

    /// <summary>Writes numbers into a header and its extra fields, each where the old one stands.</summary>
    /// <param name="header">The header.</param>
    /// <param name="extra">Its extra fields.</param>
    /// <param name="numbers">Places in the header and numbers, in the order of the extra field.</param>
    public static void Put(Span<byte> header, Span<byte> extra, params ReadOnlySpan<(int At, long Number)> numbers)
    {
        var (start, length) = Find(extra);
        var large = extra.Slice(start, length);
        foreach (var (at, number) in numbers)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[at..]) == uint.MaxValue && large.Length >= sizeof(long))
            {
                BinaryPrimitives.WriteInt64LittleEndian(large, number);
                large = large[sizeof(long)..];
            }
            else
                BinaryPrimitives.WriteUInt32LittleEndian(header[at..], checked((uint)number));
        }
    }

    private static (int Start, int Length) Find(ReadOnlySpan<byte> extra)
    {
        for (var at = 0; at + 4 <= extra.Length; )
        {
            int field = BinaryPrimitives.ReadUInt16LittleEndian(extra[at..]);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[(at + 2)..]);
            if (field == LargeField)
                return (at + 4, Math.Min(length, extra.Length - at - 4));
            at += 4 + length;
        }

        return (0, 0);
    }
}
