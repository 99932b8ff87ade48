using CsCheck;
using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Predictions;
using Parquet;
using Parquet.Schema;

namespace Isotope.Tests.Networks.BlackBoxes.Predictions;

public sealed class ParquetPredictionTests
{
    private static readonly LabelledImage Image = new("a/1.png", "", 0);

    [Fact]
    public async Task Ask_OtherNumberTypes_AreRead()
    {
        using var folder = new TemporaryFolder();
        await Write(folder.File("said"), new DataField<int>("top1"), new[] { 1 }, new DataField<int>("top2"), new[] { 0 });
        Assert.Equal([1, 0], Ask(folder.File("said"))[0].TopLabels!);
        await Write(folder.File("said"), new DataField<float>("p0"), new[] { 0.25f }, new DataField<float>("p1"), new[] { 0.75f });
        Assert.Equal([0.25, 0.75], Ask(folder.File("said"))[0].Probabilities!);
    }

    [Fact]
    public async Task Ask_MissingNumber_IsRefusedByRow()
    {
        using var folder = new TemporaryFolder();
        await Write(
            folder.File("said"),
            new DataField<double?>("p0"),
            new double?[] { null },
            new DataField<double?>("p1"),
            new double?[] { 1 }
        );
        Assert.Contains(
            "said row 1: expected probabilities of 0 to 1, found NaN",
            Assert.Throws<IsotopeException>(() => Ask(folder.File("said"))).Message
        );
    }

    [Fact]
    public void Ask_GroupWithoutAnImageAskedAbout_IsNotRead()
    {
        using var folder = new TemporaryFolder();
        // The last one is in a group of its own.
        LabelledImage[] images = [.. Enumerable.Range(0, 16_385).Select(i => new LabelledImage($"a/{i}.png", "", 0))];
        PredictionWriter.Write(
            folder.File("said.parquet"),
            OutputKind.Probabilities,
            images,
            [.. images.Select(_ => new Answer { Probabilities = [0.25, 0.75] })]
        );
        var bytes = File.ReadAllBytes(folder.File("said.parquet"));
        bytes.AsSpan(0, EndOfColumns(bytes))[^40..].Clear();
        var damaged = folder.Write("damaged", bytes);
        Assert.Equal([0.25, 0.75], Ask(damaged)[0].Probabilities!);
        Assert.Throws<IsotopeException>(() => Ask(damaged, images[^1]));
    }

    [Fact]
    public async Task Ask_BooleanColumn_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await Write(folder.File("said"), new DataField<bool>("p0"), new[] { true }, new DataField<bool>("p1"), new[] { false });
        Assert.Contains("numbers in column p0, found Boolean", Assert.Throws<IsotopeException>(() => Ask(folder.File("said"))).Message);
    }

    [Fact]
    public async Task Ask_FooterWithoutEnd_IsRefused()
    {
        // By itself, Parquet.Net never returns from it.
        using var folder = new TemporaryFolder();
        await Write(folder.File("said"), new DataField<int>("top1"), new[] { 1 }, new DataField<int>("top2"), new[] { 0 });
        var bytes = File.ReadAllBytes(folder.File("said"));
        bytes[^9] = 1;
        folder.Write("said", bytes);
        Assert.Contains("a footer without an end", Assert.Throws<IsotopeException>(() => Ask(folder.File("said"))).Message);
    }

    [Theory]
    [InlineData("said.csv")]
    [InlineData("said.parquet")]
    public void Ask_DamagedFile_IsReadOrRefusedInOneLine(string name)
    {
        using var folder = new TemporaryFolder();
        LabelledImage[] images = [.. Enumerable.Range(0, 20).Select(i => new LabelledImage($"a/{i}.png", "", 0))];
        PredictionWriter.Write(
            folder.File(name),
            OutputKind.Probabilities,
            images,
            [.. images.Select(_ => new Answer { Probabilities = [0.25, 0.75] })]
        );
        var whole = File.ReadAllBytes(folder.File(name));

        // A wrong length in Parquet's footer can make Parquet.Net loop until our time limit, too long for a test.
        var last = name.EndsWith(".csv", StringComparison.Ordinal) ? whole.Length : EndOfColumns(whole);
        var damage = Gen.Select(Gen.Int[0, last - 1], Fuzzing.Values, Gen.Int[1, whole.Length]);
        damage.Sample(
            (position, value, length) =>
            {
                byte[] bytes = [.. whole];
                bytes[position] = value;
                var path = folder.Write("damaged", bytes.AsSpan(0, length % 3 == 0 ? length : bytes.Length));
                try
                {
                    using var file = PredictionFile.Open(path, 2);
                    file.Ask(images);
                }
                catch (IsotopeException e)
                {
                    Assert.DoesNotContain(e.Message, char.IsControl);
                }
            },
            time: Fuzzing.Seconds,
            threads: 1
        );
    }

    /// <summary>Where the footer begins.</summary>
    private static int EndOfColumns(byte[] file) => file.Length - 8 - BitConverter.ToInt32(file.AsSpan(file.Length - 8, 4));

    private static IReadOnlyList<Answer> Ask(string path, LabelledImage? image = null)
    {
        using var file = PredictionFile.Open(path, classes: 2);
        return file.Ask([image ?? Image]);
    }

    private static async Task Write<T>(string path, DataField first, T[] firstValues, DataField second, T[] secondValues)
    {
        var image = new DataField<string>("image");
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(image, first, second), stream);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync(image, [Image.Id]);
        await WriteColumn(group, first, firstValues);
        await WriteColumn(group, second, secondValues);
    }

    private static Task WriteColumn<T>(ParquetRowGroupWriter group, DataField field, T[] values) =>
        values switch
        {
            double?[] numbers => group.WriteAsync<double>(field, numbers.AsMemory()),
            float[] numbers => group.WriteAsync<float>(field, numbers.AsMemory()),
            int[] numbers => group.WriteAsync<int>(field, numbers.AsMemory()),
            bool[] numbers => group.WriteAsync<bool>(field, numbers.AsMemory()),
            _ => throw new NotSupportedException(),
        };
}
