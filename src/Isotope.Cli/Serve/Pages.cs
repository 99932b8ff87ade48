using Isotope.Files;
using Isotope.Reports;

namespace Isotope.Cli.Serve;

/// <summary>The pages of <c>serve</c>.</summary>
internal static class Pages
{
    private static readonly string[] Results = [".json", ".jsonl"];
    private static readonly string[] Networks = [".safetensors", ".pt", ".pth", ".th", ".onnx"];
    private const string Answers = "answers.jsonl";
    private const int MostListed = 200;

    /// <summary>Results of the folders, runs that go on, and the way to a new detection.</summary>
    public static Report Home(OpenFolders folders, Detections detections) =>
        new(
            "Runs",
            Html.Of(
                $"""
                <p class="soft">{folders.Roots.Select(root => Html.Of($"<code>{root}</code> "))}</p>
                <p><a href="/new">Test a suspect model</a></p>
                """
            ),
            [
                .. detections.All.Count == 0 ? (Section[])[] : [new Section("detections", "Detections", Runs(folders, detections))],
                .. Journals(folders) is { Count: > 0 } journals
                    ? [new Section("running", "Unfinished runs", Html.Of($"<ul>{Html.Join(journals)}</ul>"))]
                    : (Section[])[],
                new Section("results", "Results", ResultList(folders)),
            ]
        )
        {
            IsLive = true,
        };

    /// <summary>The form of a detection.</summary>
    /// <param name="folders">Where files are chosen from.</param>
    /// <param name="token">What shows that the form is this server's.</param>
    /// <param name="sent">What was sent, by field; null at first.</param>
    /// <param name="problem">What was wrong with it.</param>
    public static Report New(OpenFolders folders, string token, Func<string, string>? sent = null, string? problem = null)
    {
        var networks = folders.Files(Networks).Select(file => folders.PathOf(file.FullName)).ToArray();
        var keys = folders.Files(".key").Select(file => folders.PathOf(file.FullName)).ToArray();
        return new Report(
            "Test a suspect model",
            Html.Of(
                $"""
                {(problem is null ? null : Html.Of($"""<p class="confidential" role="alert">{problem}</p>"""))}
                <form method="post" action="/new">
                <input type="hidden" name="token" value="{token}">
                {Field("key", "The owner's key", "files that end in .key", keys)}
                {Field(
                    "marking",
                    "Marking network",
                    "the network that the images were marked with; ARCHITECTURE:path insists on one",
                    networks
                )}
                {Field("tested", "Suspect model", "a checkpoint or ONNX", networks)}
                {Field(
                    "reference",
                    "Reference (optional)",
                    "a model of your own, trained on the vanilla images",
                    networks,
                    required: false
                )}
                {Field("images", "Vanilla images", "a dataset of images, none of them marked, that nobody trained on", [])}
                {Field("out", "Result file", "where it is written, such as 0/result.json", [], atFirst: "0/result.json")}
                <p class="soft">Paths begin with the number of the folder: {folders.Roots.Select(
                    (root, i) => Html.Of($"{i} is <code>{root}</code> ")
                )}</p>
                <button class="act" type="submit">Test</button>
                </form>
                <p class="soft">The test is made with the default options, and counted in the key's ledger before its p-value is shown.</p>
                """
            ),
            []
        )
        {
            IsLive = true,
        };

        Html Field(string name, string label, string hint, IReadOnlyList<string> choices, bool required = true, string atFirst = "") =>
            Html.Of(
                $"""
                <p><label for="{name}">{label}</label><br><input id="{name}" name="{name}" list="{name}-choices" value="{sent?.Invoke(name)
                    ?? atFirst}" aria-describedby="{name}-hint" {(required ? Html.Of($"required") : null)} autocomplete="off">
                <span class="soft" id="{name}-hint">{hint}</span><datalist id="{name}-choices">{choices.Select(choice =>
                    Html.Of($"<option value=\"{choice}\"></option>")
                )}</datalist></p>
                """
            );
    }

    /// <summary>How far a detection is, as its page asks every second.</summary>
    public static (string Stage, long Done, long Total, string? Failure, string? Result) State(OpenFolders folders, DetectionRun run) =>
        (
            run.Progress.Stage,
            run.Progress.Done,
            run.Progress.Total,
            run.Failure,
            run.Result is { } file ? $"/report/{folders.PathOf(file)}" : null
        );

    private static Html Runs(OpenFolders folders, Detections detections) =>
        Html.Of(
            $"""
        <ul class="runs">{detections.All.Select(run => run.Result is { } result
            ? Html.Of($"""<li><a href="/report/{folders.PathOf(result)}">{run.Title}</a>: done</li>""")
            : run.Failure is { } failure
                ? Html.Of($"<li>{run.Title}: {failure}</li>")
                : Html.Of($"""<li data-poll="/run/{run.Number}">{run.Title}: <span class="stage" role="status">{run.Progress.Stage}</span> <progress aria-label="{run.Title}" max="{run.Progress.Total}" value="{run.Progress.Done}"></progress></li>"""))}</ul>
        """
        );

    /// <summary>Journals of marking and of queries: what is finished so far.</summary>
    private static IReadOnlyList<Html> Journals(OpenFolders folders) =>
        [
            .. folders
                .Files(".journal.jsonl", Answers, ".resume")
                .Where(IsUnfinished)
                .Select(file =>
                    Html.Of(
                        $"""<li data-poll="/journal/{folders.PathOf(file.FullName)}">{folders.PathOf(file.FullName)}: <span class="stage" role="status">{Journal(file)}</span></li>"""
                    )
                ),
        ];

    /// <summary>Answers are kept when their run is over.</summary>
    private static bool IsUnfinished(FileInfo file) =>
        !file.Name.EndsWith(Answers, StringComparison.OrdinalIgnoreCase) || OutputLock.IsTaken(file.FullName);

    /// <summary>What a journal says.</summary>
    public static string Journal(FileInfo file) =>
        file.Name.EndsWith(".resume", StringComparison.Ordinal)
            ? $"training, state of {file.LastWriteTime:HH:mm:ss}"
            : $"{Math.Max(0, CountLines(file) - 1)} done, the last at {file.LastWriteTime:HH:mm:ss}";

    private static Html ResultList(OpenFolders folders)
    {
        var files = folders.Files(Results).Where(file => ReportFile.IsResult(file.FullName)).Take(MostListed).ToArray();
        return files.Length == 0
            ? Html.Of(
                $"<p>No results yet: they are what <code>detect --out</code>, <code>mark</code>, <code>train --json</code> and "
                    + $"<code>study</code> write.</p>"
            )
            : Html.Of(
                $"""<ul>{files.Select(file => Html.Of($"""<li><a href="/report/{folders.PathOf(file.FullName)}">{folders.PathOf(file.FullName)}</a> <span class="soft">{file.LastWriteTime:yyyy-MM-dd HH:mm}</span></li>"""))}</ul>"""
            );
    }

    private static long CountLines(FileInfo file)
    {
        try
        {
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            var lines = 0L;
            while (reader.ReadLine() is not null)
                lines++;
            return lines;
        }
        catch (IOException)
        {
            return 1;
        }
    }
}
