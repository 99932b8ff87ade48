using Isotope.Datasets;
using Isotope.Networks.Architectures;
using Isotope.Numerics;

namespace Isotope.Tests.Datasets;

/// <summary>Random views have the distributions that they claim.</summary>
public sealed class CropLawTests
{
    [Fact]
    public void Centre_OfAWideImage_IsItsMiddle() =>
        Assert.Equal(
            (new Crop(62, 12, 175, 175, false), 0.875),
            (Crop.Centre(300, 200, 0.875), Catalogue.Find("resnet18").Input.CentreRatio)
        );

    [Fact]
    public void Draw_Shifts_AreUniformAndHalfAreFlipped()
    {
        var random = new RandomStream(1, "crops");
        Crop[] crops = [.. Enumerable.Range(0, 8100).Select(_ => Crop.Draw(Augmentation.Shift, 32, 32, 1, random))];
        var counts = crops.GroupBy(crop => (crop.Left, crop.Top)).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(81, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 55, 150));
        Assert.InRange(crops.Count(crop => crop.Flip), 3870, 4230);
    }

    [Fact]
    public void Draw_Resized_HasThePapersAreasAndShapes()
    {
        var random = new RandomStream(1, "crops");
        foreach (var least in new[] { 0.08, 0.25 })
        {
            Crop[] crops = [.. Enumerable.Range(0, 4000).Select(_ => Crop.Draw(Augmentation.Resized, 400, 400, 1, random, least))];
            double[] areas = [.. crops.Select(crop => crop.Width * crop.Height / 160_000.0)];
            Assert.InRange(areas.Min(), least - 0.01, least + 0.02);
            Assert.InRange(areas.Average(), (1 + least) / 2 - 0.08, (1 + least) / 2 + 0.02);
            double[] ratios = [.. crops.Select(crop => Math.Log((double)crop.Width / crop.Height))];
            Assert.InRange(ratios.Max(Math.Abs), 0.27, 0.30);
            Assert.Equal(0, ratios.Average(), 0.02);
            Assert.InRange(crops.Count(crop => crop.Flip), 1870, 2130);
            Assert.True(crops.Select(crop => (crop.Left, crop.Top)).Distinct().Count() > 1000);
        }
    }
}
