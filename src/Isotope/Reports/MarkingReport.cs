using System.Text.Json.Nodes;
using Isotope.Datasets;

namespace Isotope.Reports;

/// <summary>The report of marking: quality, strength, classes, gallery. It names marked images: as secret as the manifest.</summary>
public static class MarkingReport
{
    /// <summary>Of a manifest.</summary>
    /// <param name="manifest">What was marked.</param>
    /// <param name="originals">The vanilla dataset, for the gallery; null for none.</param>
    /// <param name="marked">What marking wrote; null for no gallery.</param>
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
        var (images, psnr) = (
            manifest.Images,
            manifest.Images.Where(image => image.Psnr is not null).Select(image => image.Psnr!.Value).DefaultIfEmpty(double.NaN).ToArray()
        );
        return Html.Of(
            $"""
            <p class="verdict">{images.Count:N0} images carry the mark, at {psnr.Average():F1} dB on average; no pixel was changed by more than {images.Max(image => image.MaxDifference)} of 255 grey levels.</p>
            {Tables.Figures(
                ("marked images", Html.Of($"{images.Count:N0}").ToString()),
                ("mean PSNR", Number($"{psnr.Average():F1} dB")),
                ("lowest PSNR", Number($"{psnr.Min():F1} dB")),
                ("mean displacement", Number($"{images.Average(image => image.Displacement):F2}")))}
            """
        );
    }

    private static Html Classes(Manifest manifest) =>
        Html.Of(
            $"""
        <p class="soft">Displacement is how far the marking network's features moved along the class's carrier: the strength of the mark.</p>
        {Tables.Sortable(
            "Marked images by class",
            manifest.Images.GroupBy(image => image.ClassName, StringComparer.Ordinal).ToArray(),
            new Column<IGrouping<string, MarkedImage>>("class", c => Html.Of($"{c.Key}")),
            new("images", c => Html.Of($"{c.Count():N0}"), c => c.Count()),
            new("mean PSNR, dB", c => Html.Of($"{c.Average(image => image.Psnr):F1}"), c => c.Average(image => image.Psnr) ?? double.NaN),
            new("largest change", c => Html.Of($"{c.Max(image => image.MaxDifference)}"), c => c.Max(image => image.MaxDifference)),
            new("displacement", c => Html.Of($"{c.Average(image => image.Displacement):F2}"), c => c.Average(image => image.Displacement)))}
        """
        );

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
