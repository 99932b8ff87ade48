using System.Globalization;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection.Classes;

/// <summary>
/// Reads networks' outputs as the owner's classes: in the owner's order where that fits, as the user says, or by a map that is found from
/// vanilla labelled images. All of it is a function of the network and vanilla images, never of the key, so the null stays exact.
/// </summary>
/// <param name="images">Vanilla images.</param>
/// <param name="classes">Number of classes of the key.</param>
/// <param name="progress">Images looked at.</param>
/// <param name="cancellation">Checked at every image.</param>
internal sealed class ClassReader(
    Dataset images,
    int classes,
    IProgress<StageProgress>? progress = null,
    CancellationToken cancellation = default
)
{
    /// <summary>With fewer images of a class its outputs can't be found.</summary>
    internal const int FewestPerClass = 4;

    /// <summary>The owner's classes by name, or by number if the images do not have them.</summary>
    public IReadOnlyList<string> Names { get; } =
        images.ClassNames.Count == classes ? images.ClassNames : [.. Enumerable.Range(0, classes).Select(i => $"{i}")];

    /// <summary>Reads a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="model">What it is to the test: the option's name without its dashes.</param>
    /// <param name="said">What the user says; null to choose.</param>
    /// <exception cref="IsotopeException">Its classes can't be found, or are not what the user says.</exception>
    public ReadNetwork Read(Network network, string model, ClassMap? said = null) =>
        TryRead(network, model, said, out var problem) ?? throw new IsotopeException($"--{model}: {problem}");

    /// <summary>Reads a network, or says why that can't be done.</summary>
    /// <inheritdoc cref="Read"/>
    public ReadNetwork? TryRead(Network network, string model, ClassMap? said, out string problem)
    {
        problem = "";
        if (said is { IsGiven: true })
            return Given(network, model, said);
        var hasCount = network.Classes == classes;
        if (said == ClassMap.Order && hasCount)
            return Order(network, model, "--classes says so");
        if (said == ClassMap.Order || images.ClassNames.Count != classes)
        {
            if (said is null && hasCount)
                return Order(network, model, "the images do not have the key's classes to check it with");
            var remedy = said == ClassMap.Order ? "give --classes MAP or auto" : "give --images with the key's classes, or --classes MAP";
            problem = $"expected {classes} classes, as many as the key has carriers, found {network.Classes}; {remedy}";
            return null;
        }

        return Look(network, model, said, ref problem);
    }

    private ReadNetwork? Look(Network network, string model, ClassMap? said, ref string problem)
    {
        using var scope = NewDisposeScope();
        var hasCount = said is null && network.Classes == classes;
        var outputs = LabelledOutputs.Of(network, images, progress, cancellation);
        if (outputs.FewestPerClass < FewestPerClass)
        {
            if (hasCount)
                return Order(network, model, "there are too few labelled images to check it with");
            problem =
                $"expected at least {FewestPerClass} vanilla images of each class, to find its {network.Classes} outputs' classes, found "
                + $"{outputs.FewestPerClass}; give more --images, or --classes MAP";
            return null;
        }

        var found = network.Classes == 0 ? FoundMap.OfFeatures(outputs) : FoundMap.OfProbabilities(outputs);
        var (_, heldOut) = outputs.Halves();
        if (hasCount)
        {
            var recalls = heldOut.Recalls(heldOut.Values);
            if (ClassOrder.Fits(outputs, found) || !found.IsBetterThanChance(heldOut.Images))
                return Order(network, model, $"that tells {Percent(recalls.Average())} of {heldOut.Images} vanilla images rightly") with
                {
                    Accuracy = recalls.Average(),
                    Images = outputs.Images,
                };
        }

        if (!found.IsBetterThanChance(heldOut.Images) || found.Told.Count(told => told) < 2)
        {
            problem =
                $"expected outputs that tell the classes of --images apart, found {Percent(found.Accuracy)} of {heldOut.Images} told "
                + "rightly; look at its normalisation and input size first, else give --classes MAP";
            return null;
        }

        return Found(network, model, said, found, outputs.Images, heldOut);
    }

    private ReadNetwork Found(Network network, string model, ClassMap? said, FoundMap found, int looked, LabelledOutputs heldOut)
    {
        var told = found.Told;
        var why = $"{Reason()}; this tells {Percent(found.Accuracy)} of {heldOut.Images} vanilla images rightly, held out";
        ReadClass[] read =
        [
            .. Names.Select((name, i) => new ReadClass(name, network.Classes == 0 ? [] : found.OutputsOf(i), found.Contrasts[i], !told[i])),
        ];
        return new ReadNetwork(network, model, ClassRule.Found, why, read)
        {
            Rows = AlignedClassifier.RowsOf(found.Rows),
            Offsets = found.Offsets.data<double>().ToArray(),
            Accuracy = found.Accuracy,
            Images = looked,
            Ridge = found.Ridge,
        };

        string Reason()
        {
            if (said is not null)
                return "--classes says so";
            if (network.Classes == classes)
                return $"the order of yours tells {Percent(heldOut.Recalls(heldOut.Values).Average())}";
            return network.Classes == 0 ? "it has no classifier" : $"it has {network.Classes} classes and the key {classes}";
        }
    }

    private ReadNetwork Order(Network network, string model, string why) =>
        new(network, model, ClassRule.Order, why, [.. Names.Select((name, i) => new ReadClass(name, [i], null, false))]);

    private ReadNetwork Given(Network network, string model, ClassMap said)
    {
        if (network.Classes == 0)
            throw new IsotopeException(
                $"--{model}: expected a classifier for --classes MAP, found features alone; --classes auto reads them"
            );
        var outputs = said.Resolve(Names, network.Classes);
        var told = outputs.Count(of => of.Count > 0);
        if (told < 2)
            throw new IsotopeException($"--classes: expected outputs for two classes or more, found them for {told}");
        ReadClass[] read = [.. Names.Zip(outputs, (name, of) => new ReadClass(name, of, null, of.Count == 0))];
        return new ReadNetwork(network, model, ClassRule.Given, "you say so", read)
        {
            Rows = [.. outputs.Select(of => MeanOf(of, network.Classes))],
            Offsets = new double[classes],
        };
    }

    private static double[] MeanOf(IReadOnlyList<int> outputs, int count)
    {
        var row = new double[count];
        foreach (var output in outputs)
            row[output] = 1.0 / outputs.Count;
        return row;
    }

    internal static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");
}
