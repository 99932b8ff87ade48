using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Pickles;

/// <summary>
/// The bytes of one pickle. Every length in it is compared with the bytes that are left before anything is allocated.
/// </summary>
/// <param name="stream">Stands at the pickle's first byte, and after <c>Stop</c> just behind its last.</param>
/// <param name="leaveBytes">Leave byte strings of more than 255 bytes where they are.</param>
internal sealed class PickleReader(Stream stream, bool leaveBytes = false)
{
    /// <summary>Weights are stored outside of the pickle: a large network's takes a few megabytes.</summary>
    public const int MaxBytes = 1 << 26;

    private const int MaxIntegerBytes = 1024,
        MaxLineBytes = 512;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] small = new byte[8];
    private long left = Math.Min(stream.Length - stream.Position, MaxBytes);

    /// <summary>The value that a primitive's instruction carries.</summary>
    /// <exception cref="InvalidDataException">It is not the instruction of a primitive.</exception>
    public object? Literal(Opcode op) =>
        op switch
        {
            Opcode.None => null,
            Opcode.True => true,
            Opcode.False => false,
            Opcode.Int1 => (long)Byte(),
            Opcode.Int2 => (long)UInt16(),
            Opcode.Int4 => (long)(int)UInt32(),
            Opcode.Long1 => Narrow(Integer(Byte())),
            Opcode.Long4 => Narrow(Integer(UInt32())),
            Opcode.Double => BinaryPrimitives.ReadDoubleBigEndian(Fixed(8)),
            Opcode.String or Opcode.Bytes when leaveBytes => Left(UInt32()),
            Opcode.Bytes8 when leaveBytes => Left(UInt64()),
            Opcode.ShortString or Opcode.ShortUnicode => Text(Byte()),
            Opcode.String or Opcode.Unicode => Text(UInt32()),
            Opcode.Unicode8 => Text(UInt64()),
            Opcode.ShortBytes => Bytes(Byte()),
            Opcode.Bytes => Bytes(UInt32()),
            Opcode.Bytes8 => Bytes(UInt64()),
            _ => throw PickleGlobal.Refused($"the instruction {Name(op)}"),
        };

    public byte Byte() => Fixed(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Fixed(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Fixed(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Fixed(8));

    /// <summary>A line of ASCII, as <c>Global</c> names a module or an object.</summary>
    public string Line()
    {
        StringBuilder line = new();
        for (byte c = Byte(); c != '\n'; c = Byte())
            line.Append(
                line.Length < MaxLineBytes
                    ? (char)c
                    : throw Unexpected($"a name of at most {MaxLineBytes} bytes in the pickle", "a longer one")
            );
        return line.ToString();
    }

    private BigInteger Integer(uint length)
    {
        if (length > MaxIntegerBytes)
            throw Unexpected($"an integer of at most {MaxIntegerBytes} bytes in the pickle", length);
        return new BigInteger(Bytes(length));
    }

    private static object Narrow(BigInteger value)
    {
        object narrow = value;
        if (value.GetBitLength() < 64)
            narrow = (long)value;
        return narrow;
    }

    private string Text(ulong length)
    {
        try
        {
            return Utf8.GetString(Bytes(length));
        }
        catch (DecoderFallbackException)
        {
            throw Unexpected("text in UTF-8 in the pickle", "other bytes");
        }
    }

    private byte[] Bytes(ulong length)
    {
        Take(length);
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private PickleBytes Left(ulong length)
    {
        PickleBytes bytes = new(
            stream.Position,
            length <= (ulong)(stream.Length - stream.Position)
                ? (long)length
                : throw Unexpected($"{length} bytes in the pickle", $"{stream.Length - stream.Position}: it is truncated")
        );
        stream.Position += bytes.Length;
        return bytes;
    }

    private ReadOnlySpan<byte> Fixed(int length)
    {
        Take((ulong)length);
        stream.ReadExactly(small, 0, length);
        return small.AsSpan(0, length);
    }

    private void Take(ulong length)
    {
        if (length > (ulong)left)
            throw Unexpected(
                $"{length} more bytes of pickle",
                $"{left} (the file is truncated, or the pickle exceeds {MaxBytes >> 20} MiB)"
            );
        left -= (long)length;
    }

    private static string Name(Opcode op) => Enum.IsDefined(op) ? $"{op} (0x{(byte)op:x2})" : $"0x{(byte)op:x2}";
}
