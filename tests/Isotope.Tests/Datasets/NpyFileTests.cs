using System.Text;
using CsCheck;
using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class NpyFileTests
{
    private const string Good = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3), }";

    [Fact]
    public void Decode_Encoded_GivesTheSamePixels() =>
        Gen.Int[1, 40]
            .Select(Gen.Int[1, 40], Gen.OneOf(Gen.Const(1), Gen.Const(3)), Gen.Long)
            .Sample(
                (width, height, channels, seed) =>
                {
                    var image = Fixtures.Image(width, height, channels, seed);
                    var decoded = ImageCodec.Decode("x", ImageCodec.Encode("x", image, new ImageEncoding(ImageFormat.Npy)));
                    return decoded.SameShapeAs(image) && decoded.Pixels.SequenceEqual(image.Pixels);
                }
            );

    [Theory]
    [InlineData(1, "(1, 6)", 6, 1, 1)]
    [InlineData(2, "(1, 2, 3)", 2, 1, 3)]
    [InlineData(3, "(2, 3, 1)", 3, 2, 1)]
    public void Decode_EveryVersionAndShape_IsRead(byte version, string shape, int width, int height, int channels)
    {
        var image = ImageCodec.Decode("x.npy", Npy(version, Good.Replace("(1, 2, 3)", shape, StringComparison.Ordinal), 6));
        Assert.Equal((width, height, channels), (image.Width, image.Height, image.Channels));
        Assert.Equal([0, 1, 2, 3, 4, 5], image.Pixels);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", "dtype '<f4'")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1, 2, 3), }", "dtype '|O'")]
    [InlineData("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (1, 2, 3), }", "dtype [('a', '|u1')]")]
    [InlineData("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 2, 3), }", "Fortran order")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (6,), }", "shape (6,)")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "shape ()")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 6), }", "shape (0, 6)")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 1, 2), }", "shape (3, 1, 2)")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 2, 3), }", "shape (1, 1, 2, 3)")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 6), }", "shape (99999999999999999999, 6)")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }", "million pixels")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 1), }", "2 bytes of pixels, found 6")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 3), }", "12 bytes of pixels, found 6")]
    [InlineData("{'descr': '|u1', 'shape': (1, 2, 3), }", "in the header")]
    [InlineData("{'descr': '|\u001b[31mu1', 'fortran_order': False, 'shape': (1, 2, 3), }", "in the header")]
    [InlineData("no dictionary", "a header")]
    public void Decode_AnotherArray_IsRefusedByName(string header, string found)
    {
        var message = Assert.Throws<IsotopeException>(() => ImageCodec.Decode("x.npy", Npy(1, header, 6))).Message;
        Assert.StartsWith("x.npy: expected", message);
        Assert.Contains(found, message);
    }

    [Fact]
    public void Decode_AnyTruncation_IsRefused()
    {
        var file = Npy(2, Good, 6);
        for (var length = 0; length < file.Length; length++)
            Assert.StartsWith("x: expected", Assert.Throws<IsotopeException>(() => ImageCodec.Decode("x", file.AsSpan(0, length))).Message);
    }

    [Fact]
    public void Decode_UnknownVersionOrHugeHeader_IsRefused()
    {
        Assert.Contains("found 4.0", Assert.Throws<IsotopeException>(() => ImageCodec.Decode("x", Npy(4, Good, 6))).Message);
        Assert.Contains(
            "10000 bytes",
            Assert.Throws<IsotopeException>(() => ImageCodec.Decode("x", Npy(1, Good.PadRight(20_000), 6))).Message
        );
        var claims = Npy(2, Good, 6);
        claims.AsSpan(8, 4).Fill(byte.MaxValue);
        Assert.Contains("4294967295", Assert.Throws<IsotopeException>(() => ImageCodec.Decode("x", claims)).Message);
    }

    private static byte[] Npy(byte version, string header, int pixels)
    {
        var text = Encoding.UTF8.GetBytes(header + "\n");
        byte[] length = version == 1 ? [.. BitConverter.GetBytes((ushort)text.Length)] : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. Enumerable.Range(0, pixels).Select(i => (byte)i)];
    }
}
