using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Tests.Marking;

/// <summary>Which images are marked.</summary>
public sealed class ImageSelectionTests
{
    private static readonly CarrierKey Key = CarrierKey.FromSeed(3, 64, 11);

    /// <param name="images">Images of each class.</param>
    /// <param name="fraction">Of all images.</param>
    /// <param name="expected">Drawn images.</param>
    /// <param name="fewest">Of a class.</param>
    /// <param name="most">Of a class.</param>
    [Theory]
    [InlineData(new[] { 10, 10, 10 }, 0.2, 6, 1, 3)]
    [InlineData(new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 0.5, 5, 0, 1)]
    [InlineData(new[] { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 }, 0.1, 5, 0, 1)]
    [InlineData(new[] { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 }, 1, 50, 5, 5)]
    [InlineData(new[] { 1000, 3, 3, 3, 3, 3, 3, 3, 3, 3 }, 0.1, 103, 0, 101)]
    public void Draw_Fraction_IsRoundedOverTheDatasetAndSpreadOverClasses(int[] images, double fraction, int expected, int fewest, int most)
    {
        var drawn = ImageSelection.Draw(Unread(images), Key, fraction);
        Assert.Equal(expected, drawn.Count);
        var perClass = images.Select((_, label) => drawn.Count(image => image.Label == label)).ToArray();
        Assert.All(perClass, count => Assert.InRange(count, fewest, most));
    }

    [Fact]
    public void Draw_LongTail_TakesItsShareOfSmallClasses()
    {
        var images = Enumerable.Range(0, 200).Select(label => label == 0 ? 1000 : 3).ToArray();
        var drawn = ImageSelection.Draw(Unread(images), Key, 0.1).Count(image => image.Label > 0);
        Assert.InRange(drawn, 55, 65); // of 597
    }

    [Fact]
    public void Draw_LargerFraction_ContainsTheSmaller()
    {
        var vanilla = Unread([10, 7, 13]);
        var few = ImageSelection.Draw(vanilla, Key, 0.2);
        var many = ImageSelection.Draw(vanilla, Key, 0.5);
        Assert.Equal((6, 15), (few.Count, many.Count));
        Assert.Empty(few.Except(many));
        Assert.NotEqual(few, ImageSelection.Draw(vanilla, CarrierKey.FromSeed(3, 64, 12), 0.2));
    }

    [Fact]
    public void Draw_ImagesThatAreThereTwice_AreNeverTaken()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 4);
        Copy(vanilla.Images[0], "copy.png"); // in its class
        Copy(vanilla.Images[4], $"../{vanilla.ClassNames[2]}/copy.png"); // in another one
        File.WriteAllBytes(folder.File("vanilla/class0/long.png"), [.. vanilla.Images[1].Source.Read(), 0]);

        var dataset = Dataset.Open(folder.File("vanilla"));
        var once = dataset.Images.Where(image => !image.Id.EndsWith("copy.png", StringComparison.Ordinal));
        var expected = once.Select(image => image.Id).Except([vanilla.Images[0].Id, vanilla.Images[4].Id]).Order();
        Assert.Equal(expected, ImageSelection.Draw(dataset, Key, 1).Select(image => image.Id).Order());
        Assert.Equal(expected.Count(), ImageSelection.CountOf(dataset, 1));

        void Copy(LabelledImage image, string to) =>
            File.Copy(image.Source.Name, Path.Combine(Path.GetDirectoryName(image.Source.Name)!, to));
    }

    [Fact]
    public void Draw_NothingButCopies_IsRefused()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["a", "b"])
            Fixtures.WriteFolder(folder.File($"vanilla/{name}"), perClass: 2);
        Assert.Throws<IsotopeException>(() => ImageSelection.Draw(Dataset.Open(folder.File("vanilla")), Key, 1));
    }

    /// <summary>A dataset whose images are nowhere.</summary>
    private static Dataset Unread(int[] images) =>
        new(
            "unread",
            [.. images.Select((_, label) => $"class{label}")],
            [
                .. images.SelectMany(
                    (count, label) =>
                        Enumerable.Range(0, count).Select(i => new LabelledImage($"class{label}/{i}.png", $"unread/{label}/{i}.png", label))
                ),
            ]
        );
}
