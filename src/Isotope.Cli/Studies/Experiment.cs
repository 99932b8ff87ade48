using System.Text.Json.Nodes;
using Isotope.Attacks;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Cli.Studies;

/// <summary>One cell of a study: mark → train → attack or distil → measure.</summary>
internal sealed class Experiment
{
    /// <summary>The first seed of the owner's own models, far from those of suspects.</summary>
    private const long OwnerSeeds = 1_000_000;

    /// <summary>The class whose images carry a backdoor's trigger.</summary>
    public const int BackdoorLabel = 0;

    private readonly Workshop shop;
    private readonly CellSettings cell;
    private readonly Dataset train;
    private readonly Dataset test;
    private readonly string init;

    public Experiment(Workshop shop, CellSettings cell)
    {
        this.shop = shop;
        this.cell = cell;
        train = shop.Open(cell.Train, cell.ImagesPerClass);
        test = shop.Open(cell.Test, cell.TestImagesPerClass);
        init = shop.Locate(cell.MarkingNetwork);
    }

    /// <summary>Runs the cell.</summary>
    /// <exception cref="IsotopeException">Settings do not fit together, or an input can't be used.</exception>
    public Measured Run()
    {
        using var marking = Network.Load(init, shop.Device);
        var published = Publish(marking);
        var suspect = shop.Train(published.Images, OriginOf(published), cell.Suspect, cell.Seed, init, test);
        suspect = Attack(suspect, published);
        if (cell.Student is { } student)
            suspect = shop.Distil(suspect, train, student, cell.Seed, init, test);
        return Measure(marking, published, suspect);
    }

    private Measured Measure(Network marking, Published published, Trained suspect)
    {
        var measured = new Measured { ["accuracy"] = suspect.Accuracy };
        var measures = new Measures(shop, cell, marking, published, train, test, suspect, measured);
        foreach (var measure in cell.Measure)
            measures.Take(measure, () => TrainVanilla(cell.Suspect, OwnerSeeds), TrainReferences);
        measured.Inputs["train"] = shop.HashOf(train);
        measured.Inputs["test"] = shop.HashOf(test);
        measured.Inputs["marking-network"] = marking.Sha256!;
        return measured;
    }

    /// <summary>What the owner publishes: marked images, or vanilla ones in a control.</summary>
    private Published Publish(Network marking)
    {
        switch (cell.Mark)
        {
            case MarkKind.Radioactive when cell.Q > 0 || cell.Measure.Contains(MeasureKind.BlackBox):
                return shop.Mark(cell, train, marking);
            case MarkKind.Fourier:
                var (watermark, key) = Measures.Watermark(cell, train);
                var images = cell.Q > 0 ? watermark.Mark(train, ChosenIds(), cell.Marking.Psnr!.Value) : train;
                return Published.Unsaved(images, key);
            case MarkKind.Backdoor when cell.Q > 0:
                var triggered = Measures.Trigger(cell).AddTo(train, ChosenIds());
                return Published.Unsaved(triggered, Workshop.KeyOf(cell, train, marking));
            default:
                return Published.Unsaved(train, Workshop.KeyOf(cell, train, marking));
        }
    }

    /// <summary>Images that a baseline marks, drawn by the seed. For a backdoor, q is the fraction of its class.</summary>
    private HashSet<string> ChosenIds()
    {
        var candidates = cell.Mark == MarkKind.Backdoor ? train.Images.Where(image => image.Label == BackdoorLabel) : train.Images;
        return [.. candidates.GroupBy(image => image.Label).SelectMany(Draw)];

        IEnumerable<string> Draw(IEnumerable<LabelledImage> images) =>
            images
                .Select(image => image.Id)
                .OrderBy(id => new RandomStream(cell.Seed, $"baseline {id}").NextUInt64())
                .Take((int)Math.Round(cell.Q * images.Count()));
    }

    /// <summary>What tells these images from others, for the names of models.</summary>
    private JsonObject OriginOf(Published published)
    {
        var origin = new JsonObject { ["train"] = shop.HashOf(train) };
        if (cell.Q > 0)
            origin["marks"] = published.Folder is { } folder
                ? $"{Path.GetFileName(folder)} {cell.Q}"
                : $"{cell.Mark} {cell.Marking.Psnr} {cell.Q} {cell.Seed}";
        return origin;
    }

    private Trained Attack(Trained model, Published published)
    {
        var amount = cell.Attack.Amount;
        return cell.Attack.Kind switch
        {
            AttackKind.None => model,
            AttackKind.FineTune => FineTune(model, epochs: (int)amount),
            AttackKind.Prune => Change(network => WeightAttack.Prune(network, amount)),
            AttackKind.Quantise => Change(network => WeightAttack.Quantise(network, (int)amount)),
            AttackKind.Noise => Change(network => WeightAttack.AddNoise(network, amount, cell.Seed)),
            AttackKind.SubspaceDifference => Change(network => RemoveDifference(network, published)),
            _ => Change(network => RemovePrincipal(network, published, count: (int)amount)),
        };

        Trained Change(Action<TorchNetwork> change) => shop.Change(model, cell, change, test);
    }

    private Trained FineTune(Trained model, int epochs)
    {
        var options = cell.Suspect.Training with { Epochs = epochs, LearningRate = 0.01, Seed = cell.Seed };
        return shop.FineTune(model, CleanImages(), options, test);
    }

    private void RemoveDifference(TorchNetwork network, Published published)
    {
        using var directions = SubspaceAttack.DirectionsByDifference(network, published.Images, CleanImages(), shop.Cancellation);
        SubspaceAttack.Remove(network, directions);
    }

    private void RemovePrincipal(TorchNetwork network, Published published, int count)
    {
        // All directions are found before any is removed.
        Tensor[] directions =
        [
            .. Enumerable
                .Range(0, count)
                .Select(index => SubspaceAttack.PrincipalDirections(network, published.Images, index, shop.Cancellation)),
        ];
        foreach (var direction in directions)
        {
            using var own = direction;
            SubspaceAttack.Remove(network, own);
        }
    }

    /// <summary>The attacker's own images: those that follow the training images.</summary>
    private Dataset CleanImages() => shop.Open(cell.Train, cell.Attack.CleanPerClass, skip: cell.ImagesPerClass ?? 0);

    private IReadOnlyList<Trained> TrainReferences() =>
        [.. Enumerable.Range(0, cell.Owner.References).Select(i => TrainVanilla(cell.Owner.Reference ?? cell.Suspect, OwnerSeeds + i))];

    private Trained TrainVanilla(SuspectSettings how, long seed) =>
        shop.Train(train, new JsonObject { ["train"] = shop.HashOf(train) }, how, seed, init, test);
}
