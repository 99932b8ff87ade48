using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Predictions;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection.Classes;

/// <summary>A black box whose answers are read as the owner's classes.</summary>
/// <param name="Answering">The model, as it answers.</param>
/// <param name="Reading">How its answers are read.</param>
internal sealed record ReadBlackBox(BlackBox Answering, ClassReading Reading)
{
    /// <summary>The model, as it answers in the owner's classes.</summary>
    public BlackBox Model =>
        Reading.Rule == ClassRule.Order ? Answering : new MappedBlackBox(Answering, [.. Reading.Classes.Select(c => c.Outputs)]);
}

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
        if (hasCount && said == ClassMap.Order)
            return Order(box, model, "--classes says so");
        if (said != ClassMap.Order && AnswersToVanilla(box) is var (images, answers))
            return Look(box, model, said, images, answers);
        if (hasCount && said is null)
            return Order(box, model, "it has as many");
        var orRows = box is PredictionFile && said != ClassMap.Order ? "add rows of the vanilla query images, or " : "";
        throw new IsotopeException(
            $"--{model}: expected {names.Count} classes, as many as the query images have, found {box.Classes}; {orRows}give --classes MAP"
        );
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

    private IReadOnlyList<int>[] ByName(IReadOnlyList<string> own) =>
        [.. names.Select(name => (IReadOnlyList<int>)[.. Enumerable.Range(0, own.Count).Where(i => own[i] == name)])];

    private ReadBlackBox Look(
        BlackBox box,
        string model,
        ClassMap? said,
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<Answer> answers
    )
    {
        using var scope = NewDisposeScope();
        var outputs = LabelledOutputs.Of(box, images, answers, names.Count);
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

    /// <summary>What a model says of the vanilla query images, if that costs nothing; null of an endpoint, a loss, or few rows.</summary>
    private (IReadOnlyList<LabelledImage>, IReadOnlyList<Answer>)? AnswersToVanilla(BlackBox box)
    {
        if (box.Gives == OutputKind.Loss || box is not (LocalBlackBox or PredictionFile))
            return null;
        var images = LabelledOutputs.Spread(Vanilla.Images, names.Count);
        if (box is LocalBlackBox network)
            return (images, network.Look(images, progress, cancellation));
        var answers = ((PredictionFile)box).Find(images, progress, cancellation);
        return answers.Contains(null) ? null : (images, [.. answers.OfType<Answer>()]);
    }

    private ReadBlackBox Order(BlackBox box, string model, string why)
    {
        ReadClass[] classes = [.. names.Select((name, i) => new ReadClass(name, [i], null, false))];
        return new(box, new ClassReading(model, ClassRule.Order, why, box.Classes, null, 0, null, classes));
    }

    private ReadBlackBox Mapped(BlackBox box, string model, ClassRule rule, string why, IReadOnlyList<IReadOnlyList<int>> outputs)
    {
        ReadClass[] classes = [.. names.Zip(outputs, (name, of) => new ReadClass(name, of, null, of.Count == 0))];
        return new(box, new ClassReading(model, rule, why, box.Classes, null, 0, null, classes));
    }
}
