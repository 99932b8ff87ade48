using Isotope.Reports;

namespace Isotope.Cli.Serve;

/// <summary>The first page: detections, unfinished runs and results.</summary>
internal static class HomePage
{
    private const int MostListed = 200;

    public static Report Of(OpenFolders folders, Detections detections) =>
        new(
            "Runs",
            Html.Of(
                $"""
                <p class="soft">{folders.Roots.Select(root => Html.Of($"<code>{root}</code> "))}</p>
                <p><a href="/new">Test a suspect model</a></p>
                """
            ),
            [.. Sections(folders, detections)]
        )
        {
            IsLive = true,
        };

    private static IEnumerable<Section> Sections(OpenFolders folders, Detections detections)
    {
        if (detections.All.Count > 0)
            yield return new Section("detections", "Detections", ListOf(detections.All.Select(run => Item(folders, run)), "runs"));
        if (RunJournal.Unfinished(folders) is { Count: > 0 } journals)
            yield return new Section("running", "Unfinished runs", ListOf(journals.Select(file => Item(folders, file))));
        yield return new Section("results", "Results", Results(folders));
    }

    private static Html Item(OpenFolders folders, DetectionRun run)
    {
        if (run.Result is { } result)
            return Html.Of($"""<li><a href="/report/{folders.PathOf(result)}">{run.Title}</a>: done</li>""");
        if (run.Failure is { } failure)
            return Html.Of($"<li>{run.Title}: {failure}</li>");
        var now = run.Progress;
        var stage = Html.Of($"""<span class="stage" role="status">{now.Stage}</span>""");
        var bar = Html.Of($"""<progress aria-label="{run.Title}" max="{now.Total}" value="{now.Done}"></progress>""");
        return Html.Of($"""<li data-poll="/run/{run.Number}">{run.Title}: {stage} {bar}</li>""");
    }

    private static Html Item(OpenFolders folders, FileInfo journal)
    {
        var path = folders.PathOf(journal.FullName);
        var state = Html.Of($"""<span class="stage" role="status">{RunJournal.Describe(journal)}</span>""");
        return Html.Of($"""<li data-poll="/journal/{path}">{path}: {state}</li>""");
    }

    private static Html Results(OpenFolders folders)
    {
        var files = folders.Files(".json", ".jsonl").Where(file => ReportFile.IsResult(file.FullName)).Take(MostListed).ToArray();
        if (files.Length > 0)
            return ListOf(files.Select(file => ResultItem(folders, file)));
        return Html.Of(
            $"<p>No results yet: they are what <code>detect --out</code>, <code>mark</code>, <code>train --json</code> and "
                + $"<code>study</code> write.</p>"
        );
    }

    private static Html ResultItem(OpenFolders folders, FileInfo file)
    {
        var path = folders.PathOf(file.FullName);
        var written = Html.Of($"""<span class="soft">{file.LastWriteTime:yyyy-MM-dd HH:mm}</span>""");
        return Html.Of($"""<li><a href="/report/{path}">{path}</a> {written}</li>""");
    }

    private static Html ListOf(IEnumerable<Html> items, string? style = null) =>
        style is null ? Html.Of($"<ul>{items}</ul>") : Html.Of($"""<ul class="{style}">{items}</ul>""");
}
