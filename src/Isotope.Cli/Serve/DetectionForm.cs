using Isotope.Reports;

namespace Isotope.Cli.Serve;

/// <summary>The page on which a detection is started.</summary>
/// <param name="folders">Where files are chosen from.</param>
/// <param name="token">Shows that the form is this server's.</param>
internal sealed class DetectionForm(OpenFolders folders, string token)
{
    private static readonly string[] Networks = [".safetensors", ".pt", ".pth", ".th", ".onnx"];

    /// <param name="sent">What was sent, by field; null at first.</param>
    /// <param name="problem">What was wrong with it.</param>
    public Report Page(Func<string, string>? sent = null, string? problem = null) =>
        new("Test a suspect model", Form(name => sent?.Invoke(name), problem), []) { IsLive = true };

    private Html Form(Func<string, string?> sent, string? problem)
    {
        var networks = PathsOf(Networks);
        var keys = PathsOf(".key");
        var roots = folders.Roots.Select((root, i) => Html.Of($"{i} is <code>{root}</code> "));
        return Html.Of(
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
            {Field("reference", "Reference (optional)", "a model of your own, trained on the vanilla images", networks, isRequired: false)}
            {Field("images", "Vanilla images", "a dataset of images, none of them marked, that nobody trained on", [])}
            {Field("out", "Result file", "where it is written, such as 0/result.json", [], atFirst: "0/result.json")}
            <p class="soft">Paths begin with the number of the folder: {roots}</p>
            <button class="act" type="submit">Test</button>
            </form>
            <p class="soft">The test is made with the default options, and counted in the key's ledger before its p-value is shown.</p>
            """
        );

        Html Field(string name, string label, string hint, string[] choices, bool isRequired = true, string atFirst = "")
        {
            var identity = Html.Of($"""id="{name}" name="{name}" list="{name}-choices" value="{sent(name) ?? atFirst}" """);
            var required = Html.Of($"""aria-describedby="{name}-hint" {(isRequired ? Html.Of($"required") : null)}""");
            var suggestions = choices.Select(choice => Html.Of($"""<option value="{choice}"></option>"""));
            return Html.Of(
                $"""
                <p><label for="{name}">{label}</label><br><input {identity}{required} autocomplete="off">
                <span class="soft" id="{name}-hint">{hint}</span><datalist id="{name}-choices">{suggestions}</datalist></p>
                """
            );
        }
    }

    private string[] PathsOf(params IReadOnlyList<string> extensions) =>
        [.. folders.Files(extensions).Select(file => folders.PathOf(file.FullName))];
}
