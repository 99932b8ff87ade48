using System.Text;
using System.Text.Json;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>Makes a page of any result that Isotope writes; what a file is, its content tells.</summary>
public static class ReportFile
{
    private const long LargestListed = 64 << 20; // a manifest of some 90,000 images

    /// <summary>One page of the results of one story, in the order given: the first gives the verdict.</summary>
    /// <param name="files">Results of tests, manifests, what <c>train --json</c> wrote, results of studies.</param>
    /// <param name="originals">The vanilla dataset, for the gallery of a manifest.</param>
    /// <param name="marked">The marked one.</param>
    /// <exception cref="IsotopeException">A file can't be read, or is none of these.</exception>
    public static Report Of(IReadOnlyList<string> files, Dataset? originals = null, Dataset? marked = null)
    {
        var reports = files.Select(file => Of(file, originals, marked)).ToArray();
        if (
            (originals is not null || marked is not null)
            && !reports.Any(report => report.Sections.Any(section => section.Id.StartsWith("gallery", StringComparison.Ordinal)))
        )
            throw new IsotopeException(
                "gallery: expected a manifest among the files, and both the originals and the marked images, found less"
            );
        return Report.Join(reports);
    }

    /// <summary>
    /// Whether a file looks like one of these; none that is large is looked into, which a list of many files would wait for.
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

    private static Report Of(string file, Dataset? originals, Dataset? marked)
    {
        return KindOf(file) switch
        {
            "test" => TestReport.Of(TestResult.Load(file)),
            "marking" => MarkingReport.Of(Manifest.Load(file), originals, marked),
            "study" => StudyReport.Of(StudyResults.Load(file)),
            "training" => TrainingReport.Of(TrainingFacts.Load(file)),
            _ => throw new IsotopeException(
                $"{file}: expected the result of a test, a manifest, what train --json wrote, or results of a study, found something else"
            ),
        };
    }

    private static string? KindOf(string file)
    {
        var names = TopLevelNames(file);
        return names.Contains("format") && names.Contains("verdict") ? "test"
            : names.Contains("settings") && names.Contains("images") && !names.Contains("versions") ? "marking"
            : names.Contains("study") && names.Contains("measures") && !names.Contains("axes") ? "study"
            : names.Contains("losses") ? "training"
            : null;
    }

    /// <summary>Names in the first JSON object of a file.</summary>
    private static HashSet<string> TopLevelNames(string file)
    {
        var json = UntrustedFile.Guard(
            file,
            () =>
                File.ReadLines(file).FirstOrDefault() is { } first && first.TrimEnd().EndsWith('}')
                    ? Encoding.UTF8.GetBytes(first)
                    : JsonFile.Read(file)
        );
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
}
