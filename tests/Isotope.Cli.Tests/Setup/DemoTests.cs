using Isotope.Cli.Tests.Models;
using Isotope.Datasets;

namespace Isotope.Cli.Tests.Setup;

/// <summary>The pipeline end to end on real images, with its control.</summary>
[Collection(typeof(DemoCollection))]
public sealed class DemoTests(DemoOnce demo)
{
    [Fact]
    public void Demo_SeededKey_DetectsTheMarkedModelAndNotTheControl()
    {
        var report = demo.Report;
        Assert.True(report.GetProperty("marked").GetProperty("log10P").GetDouble() < -8);
        Assert.True(report.GetProperty("control").GetProperty("log10P").GetDouble() > -2);
        Assert.InRange(report.GetProperty("meanPsnr").GetDouble(), 42, 43);
        foreach (var model in new[] { "marked", "control" })
            Assert.InRange(report.GetProperty(model).GetProperty("accuracy").GetDouble(), 0.9, 0.95);

        // Five standard deviations of 10,000 uniform p-values.
        var fresh = report.GetProperty("control").GetProperty("freshKeys");
        Assert.Equal(10_000, fresh.GetProperty("sets").GetInt32());
        Assert.InRange(fresh.GetProperty("belowPercent").GetInt32(), 50, 150);
        Assert.True(fresh.GetProperty("agrees").GetBoolean());
        AssertEveryMarkIsVisibleInTheManifestAlone(demo.Folder);
        Assert.InRange(DistillTests.StudentLog10P(demo.Folder, "marked"), -100, -4);
        Assert.InRange(DistillTests.StudentLog10P(demo.Folder, "control"), -2, 0);
    }

    /// <summary>What marking promises: at least 42 dB, at most 10 grey levels, and nothing else in the published folder.</summary>
    private static void AssertEveryMarkIsVisibleInTheManifestAlone(string demo)
    {
        var manifest = Manifest.Load(Manifest.PathFor(Path.Combine(demo, "marked")));
        Assert.Equal(1500, manifest.Images.Count);
        Assert.All(manifest.Images, image => Assert.True(image is { Psnr: >= 42, MaxDifference: <= 10 }));
        Assert.Equal(
            Fixtures.HashesBelow(Path.Combine(demo, "vanilla", "train")).Keys.Order(),
            Fixtures.HashesBelow(Path.Combine(demo, "marked")).Keys.Order()
        );
    }
}
