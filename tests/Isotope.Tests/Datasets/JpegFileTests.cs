using Isotope.Datasets;
using Isotope.Datasets.Jpegs;
using Isotope.Numerics;
using Isotope.Tests.Datasets.Formats;

namespace Isotope.Tests.Datasets;

/// <summary>JPEGs taken apart and written again.</summary>
public sealed class JpegFileTests
{
    /// <summary>A progressive JPEG of 37 × 29 pixels with halved chroma, which Pillow made of a formula.</summary>
    private static readonly byte[] Progressive = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk"
            + "//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAdACUDASIAAhEBAxEB"
            + "/8QAGgAAAwEAAwAAAAAAAAAAAAAAAAQFAwECBv/EABgBAAMBAQAAAAAAAAAAAAAAAAADBAEC/9oADAMBAAIQAxAAAAHnBieT6XFG1WzySPmY1Vs49uVT83"
            + "wdR4bN/8QAHBAAAgMBAQEBAAAAAAAAAAAAAQIAAxESIQQy/9oACAEBAAEFAlGB2lS7K1wfRcQznB+jSkduVdumcypdijF+uzxV2D00LHPlh6trA5//xAAd"
            + "EQACAQQDAAAAAAAAAAAAAAAAAQIDERIhBCJx/9oACAEDAQE/AeLTvtjeTHKTd0xdIj1D0zP/xAAeEQABAwQDAAAAAAAAAAAAAAABAAIDBBESIRMiMf/aAA"
            + "gBAgEBPwGCLj7FSHeIQobjxFwDbMVOzI5J0rL7X//EABoQAQADAAMAAAAAAAAAAAAAAAEAECACERL/2gAIAQEABj8CsgcXCxcecvdf/8QAHRABAQADAAID"
            + "AAAAAAAAAAAAAQARITEQQSBhgf/aAAgBAQABPyH4XQmJJjviF0nLkRekCRyJe2doixFqD3YUjjAhfhn+4xbTF//aAAwDAQACAAMAAAAQAxM2Ex//xAAaEQ"
            + "EAAwEBAQAAAAAAAAAAAAABABEhQdEx/9oACAEDAQE/ELssk+R8kOFpkFZN73HvkUNE/8QAIREAAQMEAQUAAAAAAAAAAAAAAQARIUFRgaGRMXHB0eH/2gAI"
            + "AQIBAT8Qc16C/wAT4UI4LnwO6EI2AcQotTaNnpgIQqB7je5LMg2MfOKWX//EACEQAQADAAIBBAMAAAAAAAAAAAEAESExUWFBcYGhseHw/9oACAEBAAE/EB"
            + "Kau4RbKekDtBLcANqHWs0/rgNoETm069wQA45j8uxQdVNOldj0r8MY7veeHGsUZN8DtH7/ABNNSjjzNz94oLnQRBIUDi5dG7R6AyiVKtfHif/Z"
    );

    [Fact]
    public void With_TheSameCoefficients_GivesTheSameBytes()
    {
        var read = 0;
        foreach (var (name, file) in Files())
        {
            var jpeg = JpegFile.Read(name, file);
            Assert.Equal(file, jpeg.With(jpeg.Coefficients));
            read++;
        }

        Assert.True(read > 20);
    }

    [Fact]
    public void With_OtherCoefficients_ChangesNothingElse()
    {
        foreach (var (name, file) in Files())
        {
            var jpeg = JpegFile.Read(name, file);
            var random = new RandomStream(1, name);
            short[][] changed =
            [
                .. jpeg.Components.Zip(jpeg.Coefficients, (plane, values) => values.Select((v, i) => Change(plane, v, i)).ToArray()),
            ];
            var written = jpeg.With(changed);

            var again = JpegFile.Read(name, written);
            Assert.Equal(changed, again.Coefficients);
            Assert.Equal(written, again.With(changed));
            Assert.Equal(jpeg.Components, again.Components);
            Assert.Equal(Segments(file), Segments(written));
            var (before, after) = (ImageCodec.Decode(name, file), ImageCodec.Decode(name, written));
            Assert.True(before.SameShapeAs(after));
            Assert.NotEqual(before.Sha256(), after.Sha256());

            // Blocks that only fill units are not part of every scan.
            short Change(JpegComponent plane, short value, int i)
            {
                var block = i / JpegScan.Block;
                var holds = block % plane.Stride < plane.BlocksAcross && block / plane.Stride < plane.BlocksDown;
                return holds ? (short)Math.Clamp(value + random.Next(9) / 8 - random.Next(9) / 8, -1000, 1000) : value;
            }
        }
    }

    [Fact]
    public void Read_DamagedFile_IsReadOrRefused()
    {
        var random = new RandomStream(2, "damage");
        foreach (var file in new[] { Progressive, File.ReadAllBytes(GoldenDatasets.PathOf("cmyk.jpg")) })
            for (var i = 0; i < 400; i++)
            {
                var damaged = file[..(i % 4 == 0 ? 2 + random.Next(file.Length - 2) : file.Length)];
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                try
                {
                    var jpeg = JpegFile.Read("damaged", damaged);
                    jpeg.With(jpeg.Coefficients);
                }
                catch (IsotopeException e)
                {
                    Assert.Contains("damaged: expected", e.Message);
                }
            }
    }

    [Theory]
    [InlineData(0xc9, "arithmetic")]
    [InlineData(0xc3, "lossless")]
    public void Read_OtherKindsOfJpeg_AreRefusedByName(byte marker, string named)
    {
        var file = Progressive.ToArray();
        file[file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xff, 0xc2]) + 1] = marker;
        Assert.Contains(named, Assert.Throws<IsotopeException>(() => JpegFile.Read("x", file)).Message);
    }

    [Fact]
    public void Optimal_FrequenciesThatDouble_GiveCodesOfAtMost16Bits()
    {
        var frequencies = new long[256];
        for (var symbol = 0; symbol < 40; symbol++)
            frequencies[symbol] = 1L << symbol;
        var table = HuffmanTable.Optimal(0x10, frequencies);
        Assert.True(table.Covers(frequencies));
        Assert.Equal(16, table.Codes.Max(code => code.Length));
        Assert.True(table.Codes.Where(code => code.Length > 0).Sum(code => Math.Pow(2, -code.Length)) < 1);
        Assert.Equal(1, table.Codes[39].Length);
    }

    /// <summary>Baseline and progressive files, grey, in colour and in ink, of sizes that fill their units and that do not.</summary>
    private static IEnumerable<(string Name, byte[] File)> Files()
    {
        yield return ("progressive", Progressive);
        foreach (var name in new[] { "grey.jpg", "cmyk.jpg", "orientation3.jpg" })
            yield return (name, File.ReadAllBytes(GoldenDatasets.PathOf(name)));
        foreach (var quality in new[] { 30, 75, 95, 100 })
        foreach (var (width, height, channels) in new[] { (16, 16, 3), (33, 7, 3), (1, 40, 3), (17, 25, 1), (8, 8, 1) })
        {
            var image = Fixtures.Image(width, height, channels, quality);
            yield return ($"{width} x {height} at {quality}", ImageCodec.Encode("x", image, ImageEncoding.Jpeg(quality)));
        }
    }

    /// <summary>All segments but Huffman tables, and of these only where they are.</summary>
    private static List<string> Segments(byte[] file)
    {
        var segments = new List<string>();
        for (var at = 2; at + 4 < file.Length; at++)
        {
            if (file[at] != 0xff || file[at + 1] is 0 or 0xff or (>= 0xd0 and <= 0xd9))
                continue;
            var length = (file[at + 2] << 8) + file[at + 3] + 2;
            segments.Add(file[at + 1] == 0xc4 ? "tables" : Convert.ToHexString(file.AsSpan(at, length)));
            at += length - 1;
        }

        return segments;
    }
}
