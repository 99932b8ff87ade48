using System.Text;
using System.Text.Json;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>Makes a page from any result that Isotope writes, whose kind follows from its content.</summary>
public static class ReportFile
{
    private const long LargestListed = 64 << 20; // a manifest of some 90,000 images

    /// <summary>Writes one self-contained HTML page of results that belong together, whole or not at all.</summary>
    /// <param name="files">Results of tests, manifests, outputs of <c>train --json</c>, results of studies.</param>
    /// <param name="path">The page to write.</param>
    /// <param name="originals">The vanilla dataset, for the gallery of a manifest. Default: no gallery.</param>
    /// <param name="marked">The marked dataset, for the same gallery.</param>
    /// <exception cref="IsotopeException">A file can't be read or is something else, or the page can't be written.</exception>
    public static void Write(IReadOnlyList<string> files, string path, Dataset? originals = null, Dataset? marked = null) =>
        Of(files, originals, marked).Save(path);

    /// <summary>Makes one page of results that belong together, in the order given; the first gives the verdict.</summary>
    /// <param name="files">Results of tests, manifests, outputs of <c>train --json</c>, results of studies.</param>
    /// <param name="originals">The vanilla dataset, for the gallery of a manifest.</param>
    /// <param name="marked">The marked dataset, for the same gallery.</param>
    /// <exception cref="IsotopeException">A file can't be read, or is something else.</exception>
    internal static Report Of(IReadOnlyList<string> files, Dataset? originals = null, Dataset? marked = null)
    {
        var reports = files.Select(file => Of(file, originals, marked)).ToArray();
        var wantsGallery = originals is not null || marked is not null;
        var sections = reports.SelectMany(report => report.Sections);
        if (wantsGallery && !sections.Any(section => section.Id.StartsWith("gallery", StringComparison.Ordinal)))
            throw new IsotopeException(
                "gallery: expected a manifest among the files, and both the originals and the marked images, found less"
            );
        return Report.Join(reports);
    }

    /// <summary>
    /// Whether a file looks like a result. Large files are not read, since a list of many files would have to wait for them.
    /// </summary>
    public static bool IsResult(string file)
    {
        try
        {
            return new FileInfo(file).Length <= LargestListed && KindOf(file) is not null;
        }
        catch (Exception e) when (e is IsotopeException or IOException)
        {
            return false;
        }
    }

    private static Report Of(string file, Dataset? originals, Dataset? marked) =>
        KindOf(file) switch
        {
            Kind.Test => TestReport.Of(TestResult.Load(file)),
            Kind.Marking => MarkingReport.Of(Manifest.Load(file), originals, marked),
            Kind.Study => StudyReport.Of(StudyResults.Load(file)),
            Kind.Training => TrainingReport.Of(TrainingFacts.Load(file)),
            _ => throw new IsotopeException(
                $"{file}: expected the result of a test, a manifest, what train --json wrote, or results of a study, found something else"
            ),
        };

    private static Kind? KindOf(string file)
    {
        var names = TopLevelNames(file);
        if (names.Contains("format") && names.Contains("verdict"))
            return Kind.Test;
        if (names.Contains("settings") && names.Contains("images") && !names.Contains("versions"))
            return Kind.Marking;
        if (names.Contains("study") && names.Contains("measures") && !names.Contains("axes"))
            return Kind.Study;
        return names.Contains("losses") ? Kind.Training : null;
    }

    /// <summary>Names in the first JSON object of a file.</summary>
    private static HashSet<string> TopLevelNames(string file)
    {
        var json = UntrustedFile.Guard(file, () => FirstObject(file));
        try
        {
            using var document = JsonFile.ParseChecked(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? [.. document.RootElement.EnumerateObject().Select(property => property.Name)]
                : [];
        }
        catch (JsonException e)
        {
            throw new IsotopeException($"{file}: expected a result (JSON), found something else", e);
        }
    }

    /// <summary>The first line of a file with an object per line; otherwise the whole file.</summary>
    private static byte[] FirstObject(string file)
    {
        var first = File.ReadLines(file).FirstOrDefault();
        var isWhole = first?.TrimEnd().EndsWith('}') == true;
        return isWhole ? Encoding.UTF8.GetBytes(first!) : JsonFile.Read(file);
    }

    private enum Kind
    {
        Test,
        Marking,
        Study,
        Training,
    }
}
