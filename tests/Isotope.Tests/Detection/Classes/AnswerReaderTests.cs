using System.Globalization;
using Isotope.Datasets;
using Isotope.Detection.Classes;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Predictions;
using Isotope.Tests.Detection.BlackBoxes;

namespace Isotope.Tests.Detection.Classes;

/// <summary>Answers of models whose classes are others than the query images'.</summary>
public sealed class AnswerReaderTests(MarkedQueries queries) : IClassFixture<MarkedQueries>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Ask_MappedProbabilities_AreSumsOverTheOutputsOfTheImagesClass()
    {
        using var inner = new FakeModel(OutputKind.Probabilities, _ => new Answer { Probabilities = [0.1, 0.2, 0.3, 0.4] }, classes: 4);
        using var mapped = new MappedBlackBox(
            inner,
            [
                [3],
                [0, 2],
                [0],
            ]
        );
        var answers = mapped.Ask([Image(0), Image(1), Image(2)]);
        Assert.Equal([0.4, 0.4, 0.1], answers.Select((answer, label) => answer.Probabilities![label]), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.All(answers, answer => Assert.Equal(1, answer.Probabilities!.Sum(), 1e-12));
        Assert.Equal(3, mapped.Queries);
    }

    [Fact]
    public void Ask_MappedLabelsAndLosses_AreThoseOfTheImagesClass()
    {
        using var labels = new MappedBlackBox(
            new FakeModel(OutputKind.TopLabels, _ => new Answer { TopLabels = [2, 3] }, classes: 4),
            [
                [3],
                [0, 2],
                [],
            ]
        );
        Assert.All(labels.Ask([Image(0), Image(1)]), answer => Assert.Equal([1, 0], answer.TopLabels!));
        using var losses = new MappedBlackBox(
            new FakeModel(OutputKind.Loss, image => new Answer { Loss = image.Label }, classes: 4),
            [
                [3],
                [2],
            ]
        );
        Assert.Equal([3, 2], losses.Ask([Image(0), Image(1)]).Select(answer => answer.Loss));
        using var inner = new FakeModel(OutputKind.Loss, _ => new Answer { Loss = 1 }, classes: 4);
        Assert.StartsWith(
            "--access loss: expected one output for each class",
            Assert
                .Throws<IsotopeException>(() =>
                    new MappedBlackBox(
                        inner,
                        [
                            [3],
                            [0, 2],
                        ]
                    )
                )
                .Message
        );
    }

    [Fact]
    public void Read_NamedColumns_AreTakenByTheirNamesAndMissingClassesLeftOut()
    {
        var (set, images) = queries.Of(MarkUnit.Class);
        File.WriteAllText(folder.File("said.csv"), "image,p:class2,p:turtle,p:class0\na.png,0.2,0.3,0.5\n");
        using var file = PredictionFile.OpenAny(folder.File("said.csv"), 3);
        var read = new AnswerReader(set, images).Read(file, "predictions");
        Assert.Equal(ClassRule.Named, read.Reading.Rule);
        Assert.Equal(
            [
                [2],
                [],
                [0],
            ],
            read.Reading.Classes.Select(c => c.Outputs)
        );
        Assert.Equal(["class1"], read.Reading.LeftOut);
        Assert.Equal(
            ["class0", "class2"],
            AnswerReader.Told(set, read, reference: null).Images.Select(i => i.ClassName).Distinct().Order()
        );

        var said = ClassMap.Of(new Dictionary<string, IReadOnlyList<int>> { ["class1"] = [1] });
        Assert.Equal(["class0", "class2"], new AnswerReader(set, images).Read(file, "predictions", said).Reading.LeftOut);
    }

    /// <summary>Found on vanilla images: which version was published does not change the map, so that ranks stay uniform.</summary>
    [Theory]
    [InlineData("p")]
    [InlineData("label")]
    public void Read_PredictionsOfOtherClasses_FindsThemOnVanillaImages(string form)
    {
        var (set, images) = queries.Of(MarkUnit.Image);
        int[] outputs = [2, 0, 1];
        var path = Write(set, form, label => outputs[label]);
        using var file = PredictionFile.OpenAny(path, 3);
        var read = new AnswerReader(set, images).Read(file, "predictions", ClassMap.Auto);
        Assert.Equal(ClassRule.Found, read.Reading.Rule);
        Assert.Equal(outputs.Select(output => (int[])[output]), read.Reading.Classes.Select(c => c.Outputs));
        var exchanged = set with { Images = [.. set.Images.Select(image => image with { Version = 1 - image.Version })] };
        Assert.Equal(read.Reading.Why, new AnswerReader(exchanged, images).Read(file, "predictions", ClassMap.Auto).Reading.Why);
        Assert.Equal(ClassRule.Found, new AnswerReader(set, images).Read(file, "predictions").Reading.Rule);
        using var inOrder = PredictionFile.OpenAny(Write(set, form, label => label), 3);
        Assert.Equal(ClassRule.Order, new AnswerReader(set, images).Read(inOrder, "predictions").Reading.Rule);
    }

    [Fact]
    public void Read_WhatCannotBeFound_IsRefused()
    {
        var (set, images) = queries.Of(MarkUnit.Image);
        var reader = new AnswerReader(set, images);
        using var four = new FakeModel(OutputKind.Probabilities, _ => new Answer { Probabilities = [0.1, 0.2, 0.3, 0.4] }, classes: 4);
        Assert.Equal(
            "--answers: expected 3 classes, as many as the query images have, found 4; give --classes MAP",
            Assert.Throws<IsotopeException>(() => reader.Read(four, "answers")).Message
        );
        File.WriteAllText(folder.File("few.csv"), "image,p0,p1,p2,p3\na.png,0.2,0.3,0.5,0\n");
        using var few = PredictionFile.OpenAny(folder.File("few.csv"), 3);
        Assert.Contains(
            "add rows of the vanilla query images, or give --classes MAP",
            Assert.Throws<IsotopeException>(() => reader.Read(few, "predictions")).Message
        );
        using var unknowing = PredictionFile.OpenAny(Write(set, "p", label => 0), 3);
        Assert.Contains(
            "expected answers that tell the classes",
            Assert.Throws<IsotopeException>(() => reader.Read(unknowing, "predictions", ClassMap.Auto)).Message
        );
    }

    public void Dispose() => folder.Dispose();

    private static LabelledImage Image(int label) => new($"{label}.png", $"{label}.png", label);

    /// <summary>What a model says that knows every image's class, but by numbers of its own.</summary>
    private string Write(QuerySet set, string form, Func<int, int> outputOf)
    {
        var lines = set.Images.Select(image => (image.File, Output: outputOf(set.ClassNames.ToList().IndexOf(image.ClassName))));
        var path = folder.File($"{form}{set.Images.Count}.csv");
        File.WriteAllLines(
            path,
            form == "p"
                ? lines.Select(line => $"{line.File},{P(line.Output, 0)},{P(line.Output, 1)},{P(line.Output, 2)}").Prepend("image,p0,p1,p2")
                : lines.Select(line => $"{line.File},{line.Output}").Prepend("image,label")
        );
        return path;

        static string P(int output, int column) => (output == column ? 0.8 : 0.1).ToString(CultureInfo.InvariantCulture);
    }
}
