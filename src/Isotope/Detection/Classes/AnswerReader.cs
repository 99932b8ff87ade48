using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Predictions;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection.Classes;

/// <summary>A black box whose answers are read as the owner's classes.</summary>
/// <param name="Model">The model, as it answers in these classes.</param>
/// <param name="Reading">How they were read.</param>
internal sealed record ReadBlackBox(BlackBox Model, ClassReading Reading);

/// <summary>
/// Reads answers as the owner's classes: by their names, in the owner's order where that fits, as the user says, or by what the model says
/// of the vanilla query images. These do not depend on which of their versions was published, so ranks stay uniform.
/// </summary>
/// <param name="set">The query images.</param>
/// <param name="folder">Where they lie.</param>
/// <param name="progress">Images looked at.</param>
/// <param name="cancellation">Checked at every image.</param>
internal sealed class AnswerReader(
    QuerySet set,
    string folder,
    IProgress<StageProgress>? progress = null,
    CancellationToken cancellation = default
)
{
    private readonly IReadOnlyList<string> names = set.ClassNames;
    private readonly Lazy<Dataset> vanilla = new(() => QueryPlan.Vanilla(set, folder));

    /// <summary>The vanilla query images.</summary>
    /// <exception cref="IsotopeException">Files are missing or changed.</exception>
    public Dataset Vanilla => vanilla.Value;

    /// <summary>Reads a model's answers.</summary>
    /// <param name="box">The model.</param>
    /// <param name="model">What it is to the test: the option's name without its dashes.</param>
    /// <param name="said">What the user says; null to choose.</param>
    /// <exception cref="IsotopeException">Its classes can't be found, or are not what the user says.</exception>
    public ReadBlackBox Read(BlackBox box, string model, ClassMap? said = null)
    {
        var own = (box as PredictionFile)?.Names;
        if (said is { IsGiven: true })
            return Mapped(box, model, ClassRule.Given, "you say so", said.Resolve(names, box.Classes, own));
        if (said is null && own is not null && names.Count(own.Contains) >= 2)
            return Mapped(box, model, ClassRule.Named, "its header names them", ByName(own));
        var hasCount = box.Classes == names.Count;
        if (hasCount && (said == ClassMap.Order || (said is null && !CanBeLookedAt(box))))
            return Order(box, model, said is null ? "it has as many" : "--classes says so");
        if (said == ClassMap.Order || box.Gives == OutputKind.Loss || !(CanBeLookedAt(box) || box is PredictionFile))
            throw new IsotopeException(
                $"--{model}: expected {names.Count} classes, as many as the query images have, found {box.Classes}; give --classes MAP"
            );
        return Look(box, model, said);
    }

    /// <summary>The query images of the classes that both models tell.</summary>
    /// <exception cref="IsotopeException">There are none.</exception>
    public static QuerySet Told(QuerySet set, ReadBlackBox suspect, ReadBlackBox? reference)
    {
        var leftOut = suspect.Reading.LeftOut.Concat(reference?.Reading.LeftOut ?? []).ToHashSet(StringComparer.Ordinal);
        QueryImage[] told = [.. set.Images.Where(image => !leftOut.Contains(image.ClassName))];
        return told.Length > 0
            ? set with
            {
                Images = told,
            }
            : throw new IsotopeException("--classes: expected a class that the model tells and that has query images, found none");
    }

    /// <summary>A network answers for nothing; of other models, answers are counted or may be missing.</summary>
    private static bool CanBeLookedAt(BlackBox box) => box is LocalBlackBox && box.Gives != OutputKind.Loss;

    private IReadOnlyList<int>[] ByName(IReadOnlyList<string> own) =>
        [.. names.Select(name => (IReadOnlyList<int>)[.. Enumerable.Range(0, own.Count).Where(i => own[i] == name)])];

    private ReadBlackBox Look(BlackBox box, string model, ClassMap? said)
    {
        using var scope = NewDisposeScope();
        var images = LabelledOutputs.Spread(Vanilla.Images, names.Count);
        var outputs = LabelledOutputs.Of(box, images, AnswersOf(box, images), names.Count);
        var (_, heldOut) = outputs.Halves();
        var found = FoundMap.OfProbabilities(outputs);
        var isFound = outputs.FewestPerClass >= ClassReader.FewestPerClass && found.IsBetterThanChance(heldOut.Images);
        if (said is null && box.Classes == names.Count)
        {
            var recalls = heldOut.Recalls(heldOut.Values);
            if (!isFound || ClassOrder.Fits(outputs, found))
                return Order(
                    box,
                    model,
                    $"that tells {ClassReader.Percent(recalls.Average())} of {heldOut.Images} vanilla query images rightly"
                );
        }

        if (!isFound)
            throw new IsotopeException(
                $"--{model}: expected answers that tell the classes of the vanilla query images apart, found "
                    + $"{ClassReader.Percent(found.Accuracy)} of {heldOut.Images} told rightly; give --classes MAP"
            );
        var why =
            $"{(said is null ? "yours do not fit" : "--classes says so")}; this tells {ClassReader.Percent(found.Accuracy)} of "
            + $"{heldOut.Images} vanilla query images rightly, held out";
        var told = found.Told;
        return Mapped(box, model, ClassRule.Found, why, [.. names.Select((_, i) => told[i] ? found.OutputsOf(i) : [])]);
    }

    private IReadOnlyList<Answer> AnswersOf(BlackBox box, IReadOnlyList<LabelledImage> images)
    {
        try
        {
            return box is LocalBlackBox network ? network.Look(images, progress, cancellation) : box.Ask(images, progress, cancellation);
        }
        catch (IsotopeException e) when (box is PredictionFile)
        {
            throw new IsotopeException(
                $"{e.Message}; the classes are found on the vanilla query images: add these, or give --classes MAP",
                e
            );
        }
    }

    private ReadBlackBox Order(BlackBox box, string model, string why)
    {
        ReadClass[] classes = [.. names.Select((name, i) => new ReadClass(name, [i], null, false))];
        return new(box, new ClassReading(model, ClassRule.Order, why, box.Classes, null, 0, null, classes));
    }

    private ReadBlackBox Mapped(BlackBox box, string model, ClassRule rule, string why, IReadOnlyList<IReadOnlyList<int>> outputs)
    {
        ReadClass[] classes = [.. names.Zip(outputs, (name, of) => new ReadClass(name, of, null, of.Count == 0))];
        return new(new MappedBlackBox(box, outputs), new ClassReading(model, rule, why, box.Classes, null, 0, null, classes));
    }
}
