using System.Text.Json.Serialization;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>What <c>train</c> and <c>distill</c> report about a model.</summary>
/// <param name="Isotope">Version of Isotope.</param>
/// <param name="Architecture">What was trained.</param>
/// <param name="Images">Number of training images.</param>
/// <param name="Epochs">How often each image was seen.</param>
/// <param name="Accuracy">On test images, 0 to 1; null if there were none.</param>
/// <param name="Losses">Mean loss of each epoch.</param>
/// <param name="Out">The checkpoint.</param>
/// <param name="Sha256">Its hash.</param>
/// <param name="Threads">Threads of the training, on which the weights depend; null if not recorded.</param>
/// <param name="ReplacedClasses">Classes of the checkpoint's own final layer, if a new one took its place for other classes.</param>
internal sealed record TrainingFacts(
    [property: JsonRequired] string Isotope,
    [property: JsonRequired] string Architecture,
    [property: JsonRequired] int Images,
    [property: JsonRequired] int Epochs,
    double? Accuracy,
    [property: JsonRequired] IReadOnlyList<double> Losses,
    [property: JsonRequired] string Out,
    [property: JsonRequired] string Sha256,
    int? Threads = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? ReplacedClasses = null
)
{
    /// <summary>Reads what <c>train --json</c> wrote.</summary>
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static TrainingFacts Load(string path) =>
        JsonFile.Load(path, ReportsJson.Default.TrainingFacts, "what isotope train --json wrote");
}

/// <summary>The report of a training.</summary>
internal static class TrainingReport
{
    /// <summary>Makes the report of a training.</summary>
    public static Report Of(TrainingFacts facts)
    {
        var provenance = Tables.Facts(
            ("made with", Html.Of($"Isotope {facts.Isotope}")),
            ("checkpoint", Html.Of($"{facts.Out}<br>{Tables.Code(facts.Sha256)}"))
        );
        return new Report(
            "How the model was trained",
            Lead(facts),
            [
                new Section("history", "History of training", History(facts.Losses)),
                new Section("training-provenance", "Provenance", provenance),
            ]
        );
    }

    private static Html Lead(TrainingFacts facts)
    {
        var accuracy = facts.Accuracy is { } right ? Html.Of($"; it classifies {right:P1} of the test images right") : null;
        return Html.Of(
            $"""
            <p class="verdict">{facts.Architecture} was trained on {facts.Images:N0} images for {facts.Epochs} epochs{accuracy}.</p>
            """
        );
    }

    private static Html History(IReadOnlyList<double> losses) =>
        losses.Count == 0
            ? Html.Of($"<p>No losses were recorded.</p>")
            : Tables.Figure(TestCharts.History(losses), Html.Of($"Mean loss of each epoch, from {losses[0]:F3} to {losses[^1]:F3}."));
}
