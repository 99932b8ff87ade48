using Isotope.Datasets;
using Isotope.Detection;

namespace Isotope.Tests.Detection;

/// <summary>The classes of suspects, and the pairing with their originals.</summary>
public sealed class SuspectImagesTests : IDisposable
{
    private static readonly string[] Known = ["cat", "class1", "class0"];
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Pair_RenamedOrOtherwiseComposed_FindsOriginalsByTheirLooks()
    {
        using var folder = new TemporaryFolder();
        var originals = Fixtures.WriteFolder(folder.File("originals"));
        File.Move(folder.File("originals/class0/0.png"), folder.File("originals/class0/caf\u00e9.png"));
        originals = Dataset.Open(originals.Root);
        Fixtures.WriteFolder(folder.File("suspects"));
        File.Move(folder.File("suspects/class0/0.png"), folder.File("suspects/class0/cafe\u0301.png"));
        File.Move(folder.File("suspects/class1/2.png"), folder.File("suspects/class1/renamed.png"));
        var (suspects, found) = SuspectImages.Pair(Dataset.Open(folder.File("suspects")), originals);
        var pairs = suspects.Images.Zip(found.Images).ToDictionary(pair => pair.First.Id, pair => pair.Second.Id);
        Assert.Equal("class0/caf\u00e9.png", pairs["class0/cafe\u0301.png"]);
        Assert.Equal("class1/2.png", pairs["class1/renamed.png"]);
    }

    [Fact]
    public void Open_ClassFolders_HaveTheLabelsOfTheKeysOrder()
    {
        Fixtures.WriteFolder(folder.File("a"), classes: 2, perClass: 2);
        var opened = SuspectImages.Open(folder.File("a"), Known, null);
        Assert.Equal([2, 2, 1, 1], opened.Images.Select(image => image.Label));
        Assert.Equal(Known, opened.ClassNames);
        Assert.Equal(
            $"{folder.File("a")}: expected a class of the key (cat), found 'class0'",
            Assert.Throws<IsotopeException>(() => SuspectImages.Open(folder.File("a"), ["cat"], null)).Message
        );
    }

    [Fact]
    public void Open_OneImage_HasTheLabelThatIsGivenOrNone()
    {
        Fixtures.WriteFolder(folder.File("a"), classes: 1, perClass: 1);
        var path = folder.File("a/class0/0.png");
        Assert.Equal(1, SuspectImages.Open(path, Known, "class1").Images[0].Label);
        Assert.Equal(Dataset.Unlabelled, SuspectImages.Open(path, Known, null).Images[0].Label);
    }

    [Theory]
    [InlineData(12, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11")]
    [InlineData(13, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …")]
    public void Open_UnknownLabel_NamesSomeThatAreKnown(int classes, string names)
    {
        Fixtures.WriteFolder(folder.File("a"), classes: 1, perClass: 1);
        string[] known = [.. Enumerable.Range(0, classes).Select(i => $"{i}")];
        Assert.Equal(
            $"--label: expected a class of the key ({names}), found 'dog'",
            Assert.Throws<IsotopeException>(() => SuspectImages.Open(folder.File("a/class0/0.png"), known, "dog")).Message
        );
    }

    [Fact]
    public void Pair_OneImageAndOneOriginal_ArePairedWhateverTheirNames()
    {
        var (suspects, originals) = SuspectImages.Pair(Of("x.png"), Of("y.png"));
        Assert.Equal(("x.png", "y.png"), (suspects.Images[0].Id, originals.Images[0].Id));
    }

    [Fact]
    public void Pair_ClassFolders_GoesByClassAndNameInTheSuspectsOrder()
    {
        var (suspects, originals) = SuspectImages.Pair(Of("b/1.png", "a/1.png"), Of("a/1.jpg", "b/1.jpg", "b/2.jpg"));
        Assert.Equal(["b/1.jpg", "a/1.jpg"], originals.Images.Select(image => image.Id));
        Assert.Equal(["b/1.png", "a/1.png"], suspects.Images.Select(image => image.Id));
        var third = Of("a/1.png", "b/1.png") with { Images = [new("a/1.png", "a/1.png", 2), new("b/1.png", "b/1.png", 2)] };
        Assert.All(SuspectImages.Pair(third, Of("a/1.jpg", "b/1.jpg")).Suspects.Images, image => Assert.Equal(2, image.Label));
        Assert.Equal(
            "a/3.png: expected one original of this name or looks in root, found 0",
            Refused(() => SuspectImages.Pair(Of("a/3.png", "a/1.png"), Of("a/1.jpg", "b/3.jpg")))
        );
        Assert.Equal(
            "a/1.png: expected one original of this name or looks in root, found 2",
            Refused(() => SuspectImages.Pair(Of("a/1.png", "a/2.png"), Of("a/1.jpg", "a/1.png", "a/2.jpg")))
        );
    }

    [Fact]
    public void Pair_FlatSuspects_GoByLabelWhereTheyHaveOneAndElseTakeTheOriginals()
    {
        var originals = Of("a/1.jpg", "b/1.jpg", "b/2.jpg");
        originals = originals with { Images = [.. originals.Images.Zip([0, 1, 1], (image, label) => image with { Label = label })] };
        var labelled = Of("1.png", "2.png") with { Images = [new("1.png", "1.png", 0), new("2.png", "2.png", 1)] };
        Assert.Equal(["a/1.jpg", "b/2.jpg"], SuspectImages.Pair(labelled, originals).Originals.Images.Select(image => image.Id));
        var unlabelled = labelled with { Images = [new("2.png", "2.png", Dataset.Unlabelled)] };
        var (suspects, found) = SuspectImages.Pair(unlabelled, originals);
        Assert.Equal((1, "b/2.jpg"), (suspects.Images[0].Label, found.Images[0].Id));
        Assert.Contains(
            "found 2",
            Refused(() => SuspectImages.Pair(labelled with { Images = [new("1.png", "1.png", Dataset.Unlabelled)] }, originals))
        );
        Assert.Contains("found 0", Refused(() => SuspectImages.Pair(labelled with { Images = [new("2.png", "2.png", 0)] }, originals)));
    }

    public void Dispose() => folder.Dispose();

    private static Dataset Of(params string[] ids) => new("root", Known, [.. ids.Select(id => new LabelledImage(id, id, 0))]);

    private static string Refused(Action pair) => Assert.Throws<IsotopeException>(pair).Message;
}
