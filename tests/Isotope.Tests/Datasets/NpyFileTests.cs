using System.Text;
using CsCheck;
using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class NpyFileTests
{
    [Fact]
    public void Decode_EncodedImage_GivesTheSamePixels() =>
        Gen.Int[1, 40].Select(Gen.Int[1, 40], Gen.OneOf(Gen.Const(1), Gen.Const(3)), Gen.Long).Sample((width, height, channels, seed) =>
        {
            var image = Fixtures.Image(width, height, channels, seed);
            var decoded = ImageCodec.Decode("x.npy", ImageCodec.Encode(image, LosslessFormat.Npy));
            return decoded.SameShapeAs(image) && decoded.Pixels.SequenceEqual(image.Pixels);
        });

    [Fact]
    public void Encode_Always_WritesWhatNumPyWrites()
    {
        // numpy.save of numpy.arange(12, dtype='u1').reshape(2, 2, 3)
        var expected = "k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDBAUGBwgJCgs=";
        var image = new PixelImage(2, 2, 3, [.. Enumerable.Range(0, 12).Select(i => (byte)i)]);
        Assert.Equal(expected, Convert.ToBase64String(ImageCodec.Encode(image, LosslessFormat.Npy)));
    }

    [Theory]
    [InlineData("'descr': '|O', 'fortran_order': False, 'shape': (2, 2)", "bytes")]
    [InlineData("'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)", "bytes")]
    [InlineData("'descr': '|u1', 'fortran_order': True, 'shape': (2, 2)", "C order")]
    [InlineData("'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 4)", "a shape")]
    [InlineData("'descr': '|u1', 'fortran_order': False, 'shape': (4,)", "a shape")]
    [InlineData("'descr': '|u1', 'fortran_order': False, 'shape': (0, 2)", "a shape")]
    [InlineData("'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 2)", "a shape")]
    [InlineData("'descr': '|u1', 'fortran_order': False, 'shape': (2000000000, 2000000000)", "million pixels")]
    [InlineData("'descr': '|u1', 'fortran_order': False, 'shape': (3, 2)", "6 bytes")]
    [InlineData("nothing", "bytes")]
    public void Decode_OtherArrays_AreRefusedByName(string header, string expected)
    {
        byte[] file = [0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length + 2), 0, .. Encoding.ASCII.GetBytes($"{{{header}}}"), 1, 2, 3, 4];
        var error = Assert.Throws<IsotopeException>(() => ImageCodec.Decode("a.npy", file));
        Assert.StartsWith("a.npy: expected ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Decode_AnyTruncation_IsRefused()
    {
        var file = ImageCodec.Encode(Fixtures.Image(3, 3, 1, 1), LosslessFormat.Npy);
        for (var length = 0; length < file.Length; length++)
            Assert.Throws<IsotopeException>(() => ImageCodec.Decode("a.npy", file.AsSpan(0, length)));
    }
}
