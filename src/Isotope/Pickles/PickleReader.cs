using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Pickles;

/// <summary>Reads the bytes of one pickle. Every length is checked against the bytes that are left before memory is allocated.</summary>
/// <param name="stream">At the pickle's first byte; after <c>Stop</c> it stands just behind the last.</param>
/// <param name="leaveBytes">
/// Leaves byte strings whose length takes 4 bytes or more in the stream, and long texts, as which Python 3 stores bytes in protocol 2.
/// </param>
internal sealed class PickleReader(Stream stream, bool leaveBytes = false)
{
    /// <summary>The pickle of a large network takes a few megabytes, since weights are stored outside of it.</summary>
    public const int MaxBytes = 1 << 26;

    private const int MaxIntegerBytes = 1024;
    private const int MaxLineBytes = 512;
    private const int LongText = 3072; // an image of CIFAR; names are shorter
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] small = new byte[8];
    private long left = Math.Min(stream.Length - stream.Position, MaxBytes);

    /// <summary>Reads the value that an instruction for a primitive carries.</summary>
    /// <exception cref="InvalidDataException">The instruction is another one.</exception>
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
            Opcode.String or Opcode.Bytes when leaveBytes => Skip(UInt32()),
            Opcode.Bytes8 or Opcode.ByteArray8 when leaveBytes => Skip(UInt64()),
            Opcode.ShortString => TextOrBytes(Byte()),
            Opcode.String => TextOrBytes(UInt32()),
            Opcode.ShortUnicode => Text(Byte()),
            Opcode.Unicode when leaveBytes => UInt32() is var length && length < LongText ? Text(length) : SkipText(length),
            Opcode.Unicode => Text(UInt32()),
            Opcode.Unicode8 => Text(UInt64()),
            Opcode.ShortBytes => Bytes(Byte()),
            Opcode.Bytes => Bytes(UInt32()),
            Opcode.Bytes8 or Opcode.ByteArray8 => Bytes(UInt64()),
            _ => throw PickleGlobal.Refused($"the instruction {Name(op)}"),
        };

    public byte Byte() => Fixed(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Fixed(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Fixed(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Fixed(8));

    /// <summary>Reads a line of ASCII, which <c>Global</c> uses for the name of a module or an object.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (var c = Byte(); c != '\n'; c = Byte())
        {
            if (line.Length == MaxLineBytes)
                throw Unexpected($"a name of at most {MaxLineBytes} bytes in the pickle", "a longer one");
            line.Append((char)c);
        }

        return line.ToString();
    }

    private BigInteger Integer(uint length)
    {
        if (length > MaxIntegerBytes)
            throw Unexpected($"an integer of at most {MaxIntegerBytes} bytes in the pickle", length);
        return new BigInteger(Bytes(length));
    }

    /// <summary>The same integer, as a <c>long</c> if it fits.</summary>
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

    /// <summary>What Python 2 called a string; numbers of its arrays are ones too.</summary>
    private object TextOrBytes(ulong length)
    {
        var bytes = Bytes(length);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Utf8.GetString(bytes) : bytes;
    }

    private PickleBytes SkipText(uint length) => Skip(length) with { IsText = true };

    private byte[] Bytes(ulong length)
    {
        Take(length);
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private PickleBytes Skip(ulong length)
    {
        var rest = stream.Length - stream.Position;
        if (length > (ulong)rest)
            throw Unexpected($"{length} bytes in the pickle", $"{rest}: it is truncated");
        var bytes = new PickleBytes(stream.Position, (long)length);
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
