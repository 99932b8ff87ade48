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
    /// <summary>Seeds of the owner's own models: none that a thief has.</summary>
    private const long OwnerSeeds = 1_000_000;

    /// <summary>The class whose images have a backdoor's trigger.</summary>
    public const int BackdoorLabel = 0;

    private readonly Workshop shop;
    private readonly CellSettings cell;
    private readonly Dataset train;
    private readonly Dataset test;
    private readonly string init;

    public Experiment(Workshop shop, CellSettings cell)
    {
        (this.shop, this.cell) = (shop, cell);
        train = shop.Open(cell.Train, cell.ImagesPerClass);
        test = shop.Open(cell.Test, cell.TestImagesPerClass);
        init = shop.Locate(cell.MarkingNetwork);
    }

    /// <summary>Runs the cell.</summary>
    /// <exception cref="IsotopeException">Settings do not fit together, or an input can't be used.</exception>
    public Measured Run()
    {
        using var marking = Network.Load(init, shop.Device);
        var measured = new Measured();
        var published = Publish(marking);
        var model = Afterwards(shop.Train(published.Images, From(published), cell.Thief, cell.Seed, init, test), published);
        measured["accuracy"] = model.Accuracy;
        var measures = new Measures(shop, cell, marking, published, train, test, model, measured);
        foreach (var measure in cell.Measure)
            measures.Take(measure, () => Vanilla(cell.Thief, OwnerSeeds), References);
        measured.Inputs["train"] = shop.HashOf(train);
        measured.Inputs["test"] = shop.HashOf(test);
        measured.Inputs["marking-network"] = marking.Sha256!;
        return measured;
    }

    /// <summary>What the owner publishes: vanilla images where nothing is marked.</summary>
    private Published Publish(Network marking)
    {
        var chosen = ChosenIds();
        return cell.Mark switch
        {
            MarkKind.Radioactive when cell.Q > 0 || cell.Measure.Contains(MeasureKind.BlackBox) => shop.Mark(cell, train, marking),
            MarkKind.Fourier => Measures.Watermark(cell, train) is var (watermark, key) && cell.Q > 0
                ? Published.Unsaved(watermark.Mark(train, chosen, cell.Marking.Psnr!.Value), key)
                : Published.Unsaved(train, key),
            MarkKind.Backdoor when cell.Q > 0 => Published.Unsaved(
                Measures.Trigger(cell).AddTo(train, chosen),
                Workshop.KeyOf(cell, train, marking)
            ),
            _ => Published.Unsaved(train, Workshop.KeyOf(cell, train, marking)),
        };
    }

    /// <summary>Images that a baseline marks, drawn by the seed: of a backdoor q is the fraction of its class.</summary>
    private HashSet<string> ChosenIds()
    {
        var candidates = train
            .Images.Where(image => cell.Mark != MarkKind.Backdoor || image.Label == BackdoorLabel)
            .GroupBy(image => image.Label);
        return
        [
            .. candidates.SelectMany(images =>
                images
                    .Select(image => image.Id)
                    .OrderBy(id => new RandomStream(cell.Seed, $"baseline {id}").NextUInt64())
                    .Take((int)Math.Round(cell.Q * images.Count()))
            ),
        ];
    }

    private JsonObject From(Published published)
    {
        var from = new JsonObject { ["train"] = shop.HashOf(train) };
        if (cell.Q > 0)
            from["marks"] = published.Folder is { } folder
                ? $"{Path.GetFileName(folder)} {cell.Q}"
                : $"{cell.Mark} {cell.Marking.Psnr} {cell.Q} {cell.Seed}";
        return from;
    }

    private Trained Afterwards(Trained model, Published published) =>
        cell.Student is { } student
            ? shop.Distil(Attacked(model, published), train, student, cell.Seed, init, test)
            : Attacked(model, published);

    private Trained Attacked(Trained model, Published published)
    {
        var clean = shop.Open(cell.Train, cell.Attack.CleanPerClass, skip: cell.ImagesPerClass ?? 0);
        var amount = cell.Attack.Amount;
        return cell.Attack.Kind switch
        {
            AttackKind.None => model,
            AttackKind.FineTune => shop.FineTune(
                model,
                clean,
                cell.Thief.Training with
                {
                    Epochs = (int)amount,
                    LearningRate = 0.01,
                    Seed = cell.Seed,
                },
                test
            ),
            AttackKind.Prune => Changed(network => WeightAttack.Prune(network, amount)),
            AttackKind.Quantise => Changed(network => WeightAttack.Quantise(network, (int)amount)),
            AttackKind.Noise => Changed(network => WeightAttack.AddNoise(network, amount, cell.Seed)),
            AttackKind.SubspaceDifference => Changed(network =>
                Remove(network, SubspaceAttack.DirectionsByDifference(network, published.Images, clean, shop.Cancellation))
            ),
            _ => Changed(network =>
            {
                Tensor[] directions =
                [
                    .. Enumerable
                        .Range(0, (int)amount)
                        .Select(index => SubspaceAttack.PrincipalDirections(network, published.Images, index, shop.Cancellation)),
                ];
                foreach (var direction in directions)
                    Remove(network, direction);
            }),
        };

        Trained Changed(Action<TorchNetwork> change) => shop.Change(model, cell, change, test);
    }

    private static void Remove(TorchNetwork network, Tensor directions)
    {
        using var own = directions;
        SubspaceAttack.Remove(network, own);
    }

    /// <summary>The owner's own models.</summary>
    private IReadOnlyList<Trained> References() =>
        [.. Enumerable.Range(0, cell.Owner.References).Select(i => Vanilla(cell.Owner.Reference ?? cell.Thief, OwnerSeeds + i))];

    private Trained Vanilla(ThiefSettings how, long seed) =>
        shop.Train(train, new JsonObject { ["train"] = shop.HashOf(train) }, how, seed, init, test);
}

/// <summary>What was measured of a cell.</summary>
internal sealed class Measured
{
    /// <summary>What numbers are called; a recipe's table shows some of them.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "accuracy",
        "carrierCosine",
        "carrierMean",
        "displacement",
        "log10P",
        "log10PBlackBox",
        "log10PImages",
        "log10PModel",
        "log10PPaper",
        "lossGap",
        "lossGapHigh",
        "lossGapLow",
        "mark",
        "meanCosine",
        "noiseChange",
        "noiseRaised",
        "noiseRaisedMost",
        "projectionNorm",
        "psnr",
        "queries",
        "rSquared",
        "randomDeviation",
        "rank",
        "semantic",
        "semanticMean",
        "spearman",
        "spearmanLog10P",
        "triggerChange",
        "triggerRaised",
        "wrongKeysBelow1Percent",
    ];

    private readonly SortedDictionary<string, double> values = new(StringComparer.Ordinal);

    /// <summary>Numbers by name.</summary>
    public IReadOnlyDictionary<string, double> Values => values;

    /// <summary>Adds a number under one of <see cref="Names"/>.</summary>
    public double this[string name]
    {
        set => values[Names.Contains(name) ? name : throw new ArgumentException($"no measure is called {name}", nameof(name))] = value;
    }

    /// <summary>Lists of numbers by name, such as cosines.</summary>
    public SortedDictionary<string, IReadOnlyList<double>> Series { get; } = new(StringComparer.Ordinal);

    /// <summary>Hashes of inputs by name.</summary>
    public SortedDictionary<string, string> Inputs { get; } = new(StringComparer.Ordinal);
}
