using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Predictions;

namespace Isotope.Tests.Networks.BlackBoxes.Predictions;

public sealed class PredictionFileTests
{
    private static readonly LabelledImage[] Images = [new("a/1.png", "", 0), new("a/2.png", "", 0), new("b/1, so.png", "", 1)];

    [Theory]
    [InlineData("said.csv", "probabilities")]
    [InlineData("said.csv", "loss")]
    [InlineData("said.csv", "topk:2")]
    [InlineData("said.csv", "label")]
    [InlineData("said.parquet", "probabilities")]
    [InlineData("said.parquet", "loss")]
    [InlineData("said.parquet", "topk:2")]
    [InlineData("said.parquet", "label")]
    public void Ask_WhatWasWritten_IsTheSame(string name, string access)
    {
        using var folder = new TemporaryFolder();
        double[][] probabilities =
        [
            [0.1, 0.2, 0.7],
            [1.0 / 3, 1.0 / 3, 1.0 / 3],
            [0.5, 0.25, 0.25],
        ];
        var asked = Access.Parse(access);
        Answer[] answers = [.. probabilities.Zip(Images, (p, image) => asked.Of(new Answer { Probabilities = p }, image.Label, ""))];
        PredictionWriter.Write(folder.File(name), asked.Kind, Images, answers);

        using var file = PredictionFile.Open(folder.File(name), classes: 3);
        Assert.Equal((asked, 0), (file.Access, file.Queries));
        var read = file.Ask([.. Images.Reverse()]).Reverse();
        foreach (var (expected, found) in answers.Zip(read))
        {
            Assert.Equal(expected.Loss, found.Loss);
            Assert.Equal(expected.TopLabels, found.TopLabels);
            Assert.Equal(expected.Probabilities ?? [], found.Probabilities ?? [], (x, y) => Math.Abs(x - y) < 1e-15);
        }
    }

    [Theory]
    [InlineData("label,image,logit0,logit1\n9,a\\1.png,1e3,0\n", 1)]
    [InlineData("image,p0,p1,label\na/1.png,0.249,0.75,7\nother.png,nan,nan,nan\n", 0.249 / 0.999)]
    [InlineData("image,p0,p1\nother.png,half,\na/1.png,0.2,0.8\n", 0.2)]
    public void Ask_OtherColumnsAndRows_AreIgnored(string csv, double expected) =>
        Assert.Equal(expected, Ask(csv)[0].Probabilities![0], 1e-12);

    [Fact]
    public void Ask_LessThanTheFileHolds_ReturnsThatMuch() =>
        Assert.Equal([1], Ask("image,p0,p1\na/1.png,0.2,0.8\n", Access.Parse("label"))[0].TopLabels!);

    [Theory]
    [InlineData("image,p0,p1\na/2.png,0.5,0.5\n", "none for 1 of them, such as a/1.png")]
    [InlineData("image,p0,p1\na/1.png,0.5,0.5\na/1.png,0.5,0.5\n", "line 3: expected one row per image, found a second of a/1.png")]
    [InlineData("image,p0,p1\na/1.png,NaN,0.5\n", "line 2: expected probabilities of 0 to 1, found NaN")]
    [InlineData("image,p0,p1\na/1.png,-0.5,1.5\n", "line 2: expected probabilities of 0 to 1, found -0.5")]
    [InlineData("image,p0,p1\na/1.png,0.5,0.4\n", "line 2: expected probabilities that sum to 1, found 0.9")]
    [InlineData("image,p0,p1\na/1.png,half,0.5\n", "line 2: expected a number in column p0, found 'half'")]
    [InlineData("image,logit0,logit1\na/1.png,Infinity,0.5\n", "finite logits")]
    [InlineData("image,label\na/1.png,2\n", "line 2: expected labels of 0 to 1, in the order of the class folders, found 2")]
    [InlineData("image,label\na/1.png,0.5\n", "expected labels")]
    [InlineData("image,top1,top2\na/1.png,1,1\n", "different labels")]
    [InlineData("image,loss\na/1.png,-1\n", "a loss")]
    [InlineData("image,p0,p1\na/1.png,0.5\n", "as many columns")]
    [InlineData("image,p0,p1,p2\na/1.png,0.5,0.5,0\n", "columns p0 … p1, one per class, found 3")]
    [InlineData("image,p0,p2\na/1.png,0.5,0.5\n", "found 1 of them in order")]
    [InlineData("file,p0,p1\na/1.png,0.5,0.5\n", "a column 'image'")]
    [InlineData("image,image\na/1.png,0.5\n", "found")]
    [InlineData("image,score\na/1.png,0.5\n", "columns p0…")]
    [InlineData("", "a column 'image'")]
    public void Ask_UnusableFile_IsRefusedInOneLineThatNamesTheRow(string csv, string named)
    {
        var message = Assert.Throws<IsotopeException>(() => Ask(csv)).Message;
        Assert.Contains("said.csv", message);
        Assert.Contains(named, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Open_NoFile_IsRefused() =>
        Assert.Contains("nowhere.csv", Assert.Throws<IsotopeException>(() => PredictionFile.Open("nowhere.csv", 2)).Message);

    [Fact]
    public void Ask_MoreThanTheFileHolds_IsRefused() =>
        Assert.Contains(
            "expected probabilities, found 1 labels",
            Assert.Throws<IsotopeException>(() => Ask("image,label\na/1.png,1\n", Access.Parse("probabilities"))).Message
        );

    private static IReadOnlyList<Answer> Ask(string csv, Access? access = null)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("said.csv"), csv);
        using var file = PredictionFile.Open(folder.File("said.csv"), classes: 2, access);
        return file.Ask([Images[0]]);
    }
}
