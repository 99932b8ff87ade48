using Isotope.Datasets;
using Isotope.Reports;

namespace Isotope.Tests.Reports;

public sealed class MarkingReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Of_AManifestWithImages_SaysBelowEachHowFarItWasChanged()
    {
        var (path, originals, marked) = SampleResults.WriteMarking(folder);
        var manifest = Manifest.Load(path);
        var page = MarkingReport.Of(manifest, Dataset.Open(originals), Dataset.Open(marked)).ToHtml();
        Assert.Equal(9, page.Split(" dB, at most 1 grey levels</p>").Length - 1);
        Assert.DoesNotContain("id=\"gallery\"", MarkingReport.Of(manifest).ToHtml());
    }

    public void Dispose() => folder.Dispose();
}
