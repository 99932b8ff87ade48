using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;

namespace Isotope.Detection.Readings;

/// <summary>
/// Sees to it that a network was understood before a test spends anything: a model that is misread seems innocent. All it looks at is
/// vanilla, and nothing depends on the key, so the test stays exact.
/// </summary>
/// <param name="Anyway">Whether a network that seems misread is tested all the same.</param>
/// <param name="Progress">Told how far the search is.</param>
/// <param name="Notes">Told how each network was understood.</param>
/// <param name="Cancellation">Checked at every batch.</param>
internal sealed record ReadingCheck(
    bool Anyway = false,
    IProgress<StageProgress>? Progress = null,
    IProgress<string>? Notes = null,
    CancellationToken Cancellation = default
)
{
    /// <summary>An alignment that explains less of the features' variance on held-out images says that a network is misread.</summary>
    private const double LeastRSquared = 0.05;

    /// <summary>Fewer images are too few to call a network misread by what it does not recognise or explain.</summary>
    internal const int FewestImages = 100;

    /// <summary>Says how a network does on vanilla images, and refuses one that is given images in a wrong way.</summary>
    /// <param name="name">The network's part in the test, such as tested-network.</param>
    /// <param name="network">The network.</param>
    /// <param name="images">Vanilla images.</param>
    /// <param name="isCertain">Whether the input is known, such as from a manifest, so that no other one is tried.</param>
    /// <returns>How it does; null if the images have no classes to tell.</returns>
    /// <exception cref="IsotopeException">The network recognises nothing, or recognises clearly more when given images in another
    /// way.</exception>
    public NetworkReading? Require(string name, Network network, Dataset images, bool isCertain = false)
    {
        if (images.ClassNames.Count < 2 || images.Images.Count == 0)
        {
            Notes?.Report($"{name}: {Describe(network)}; not checked, since there are no vanilla images with classes");
            return null;
        }

        if (isCertain || Anyway)
        {
            var sample = LabelledSample.Of(images, InputSearch.SecondLook, Cancellation);
            return Told(name, network, Outputs.Read(network, sample, Cancellation).Reading);
        }

        var search = InputSearch.Run(network, images, Progress, Cancellation);
        var reading = Told(name, network, search.Given.Reading);
        if (search.IsMisread)
            throw new IsotopeException(
                $"{name}: expected a network that is given images as it was trained; it recognises "
                    + $"{Percent(search.Given.Accuracy(search.ByOrder))} of the vanilla images with {search.Given.Input}, but "
                    + $"{Percent(search.Best.Accuracy(search.ByOrder))} with --{InputOption(name)} {search.Best.Input}: "
                    + "state that, or --anyway"
            );
        if (reading.IsNearChance && reading.Images >= FewestImages)
            throw new IsotopeException(
                $"{name}: expected a network that knows the classes of the vanilla images; it recognises {Percent(reading.Best)}, a guess "
                    + $"{Percent(reading.Chance)}. Look at architecture, classes and input (isotope network check FILE --images "
                    + "DIR), or --anyway"
            );
        return reading;
    }

    /// <summary>Says how a model's answers do on the query images, and refuses those that know nothing of them.</summary>
    /// <param name="name">The model's part in the test, such as predictions.</param>
    /// <param name="outputs">How many outputs it has.</param>
    /// <param name="reading">How it did.</param>
    /// <exception cref="IsotopeException">It recognises nothing.</exception>
    public void RequireAnswers(string name, int outputs, NetworkReading reading)
    {
        Notes?.Report(
            $"{name}: {outputs} outputs; {Percent(reading.Best)} of {reading.Images} query images recognised (a guess: "
                + $"{Percent(reading.Chance)})"
        );
        if (reading.IsNearChance && reading.Images >= FewestImages && !Anyway)
            throw new IsotopeException(
                $"{name}: expected answers that know the classes of the query images; {Percent(reading.Best)} of {reading.Images} are "
                    + $"recognised, a guess {Percent(reading.Chance)}. Look at the order of its classes (--classes) and at how it was "
                    + "given images, or --anyway"
            );
    }

    /// <summary>Refuses an alignment that explains nothing.</summary>
    /// <exception cref="IsotopeException">It explains next to nothing of the suspect's features.</exception>
    public void Require(double rSquared, int images)
    {
        if (rSquared < LeastRSquared && images >= 2 * FewestImages && !Anyway)
            throw new IsotopeException(
                $"tested-network: expected features that those of the marking network explain in part; on {images} images R² is "
                    + $"{rSquared:F2}. Look at the input of both networks (isotope network check), give more --images, or --anyway"
            );
    }

    private NetworkReading Told(string name, Network network, NetworkReading reading)
    {
        var inOrder = reading.Accuracy is { } accuracy ? $"accuracy {Percent(accuracy)}" : "classes of its own";
        var confidence = reading.Confidence is { } share ? $", mean confidence {share:F2}" : "";
        Notes?.Report(
            $"{name}: {Describe(network)}; {inOrder}, {Percent(reading.MatchedAccuracy)} if classes are matched, on {reading.Images} "
                + $"images (a guess: {Percent(reading.Chance)}){confidence}"
        );
        return reading;
    }

    private static string Describe(Network network)
    {
        var classes = network.Classes == 0 ? "no classifier" : $"{network.Classes} classes";
        return $"{network.Architecture}, {classes}, {network.Input}{(network.InputIsAssumed ? " (assumed)" : "")}";
    }

    private static string InputOption(string name) => name.Split(' ')[0].Replace("-network", "-input", StringComparison.Ordinal);

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:F1} %");
}
