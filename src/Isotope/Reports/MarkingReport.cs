using System.Text.Json.Nodes;
using Isotope.Datasets;

namespace Isotope.Reports;

/// <summary>
/// The report of marking: quality, strength, classes, gallery. It names marked images, so it is as secret as the manifest.
/// </summary>
internal static class MarkingReport
{
    /// <summary>Makes the report of a manifest.</summary>
    /// <param name="manifest">What was marked.</param>
    /// <param name="originals">The vanilla dataset, for the gallery; null for no gallery.</param>
    /// <param name="marked">The marked dataset; null for no gallery.</param>
    /// <exception cref="IsotopeException">There are no images, or one can't be read.</exception>
    public static Report Of(Manifest manifest, Dataset? originals = null, Dataset? marked = null)
    {
        if (manifest.Images.Count == 0)
            throw new IsotopeException("manifest: expected marked images, found none");
        List<Section> sections = [new("classes", "By class", Classes(manifest))];
        if (originals is not null && marked is not null)
            sections.Add(new Section("gallery", "Gallery", Gallery.Of(manifest, originals, marked)));
        sections.Add(new Section("marking-provenance", "Provenance", Tables.Facts(Settings(manifest.Settings, ""))));
        return new Report(
            "What was marked",
            Lead(manifest),
            sections,
            "This page names marked images. Keep it with the key; do not publish it."
        );
    }

    private static Html Lead(Manifest manifest)
    {
        var images = manifest.Images;
        var psnr = images.Select(image => image.Psnr).OfType<double>().DefaultIfEmpty(double.NaN).ToArray();
        var largest = images.Max(image => image.MaxDifference);
        var figures = Tables.Figures(
            ("marked images", Html.Of($"{images.Count:N0}").ToString()),
            ("mean PSNR", Number($"{psnr.Average():F1} dB")),
            ("lowest PSNR", Number($"{psnr.Min():F1} dB")),
            ("mean displacement", Number($"{images.Average(image => image.Displacement):F2}"))
        );
        return Html.Of(
            $"""
            <p class="verdict">{images.Count:N0} images carry the mark, at {psnr.Average():F1} dB on average; no pixel was changed by more
            than {largest} of 255 grey levels.</p>
            {figures}
            """
        );
    }

    private static Html Classes(Manifest manifest)
    {
        var table = Tables.Sortable(
            "Marked images by class",
            manifest.Images.GroupBy(image => image.ClassName, StringComparer.Ordinal).ToArray(),
            new Column<IGrouping<string, MarkedImage>>("class", c => Html.Of($"{c.Key}")),
            new("images", c => Html.Of($"{c.Count():N0}"), c => c.Count()),
            new("mean PSNR, dB", c => Html.Of($"{Psnr(c):F1}"), c => Psnr(c) ?? double.NaN),
            new("largest change", c => Html.Of($"{LargestChange(c)}"), c => LargestChange(c)),
            new("displacement", c => Html.Of($"{Displacement(c):F2}"), c => Displacement(c))
        );
        return Html.Of(
            $"""
            <p class="soft">Displacement is how far the marking network's features moved along the class's carrier: the strength of the
            mark.</p>
            {table}
            """
        );

        static double? Psnr(IEnumerable<MarkedImage> images) => images.Average(image => image.Psnr);
        static int LargestChange(IEnumerable<MarkedImage> images) => images.Max(image => image.MaxDifference);
        static double Displacement(IEnumerable<MarkedImage> images) => images.Average(image => image.Displacement);
    }

    private static string Number(FormattableString text) => FormattableString.Invariant(text).Replace('-', '−');

    private static IEnumerable<(string, Html?)> Settings(JsonObject settings, string prefix) =>
        settings.SelectMany(setting =>
            setting.Value switch
            {
                JsonObject inner => Settings(inner, $"{prefix}{setting.Key}."),
                null => [],
                { } value => [($"{prefix}{setting.Key}", (Html?)Tables.Code(value.ToString()))],
            }
        );
}
