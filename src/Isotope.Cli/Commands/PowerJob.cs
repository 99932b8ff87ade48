using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Files;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Runs;
using Isotope.Statistics;
using Isotope.Training;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>
/// What a test would find, before anything is published: marks a sample of the owner's images under a throw-away key, retrains the
/// classifier on the marking network's features, tests it, and sets the theory beside it.
/// </summary>
/// <param name="Data">Vanilla images.</param>
/// <param name="Marking">Marking network.</param>
/// <param name="Options">How many images are marked, and how.</param>
/// <param name="Seed">Of the throw-away key and of training.</param>
internal sealed record PowerJob(Dataset Data, string Marking, DatasetMarkingOptions Options, long Seed)
{
    private const int ImagesPerDimension = 4;

    /// <summary>The statistic that the theory is of.</summary>
    private static readonly WhiteBoxOptions Paper = new() { Statistic = WhiteBoxStatistic.Paper };

    /// <exception cref="IsotopeException">Options are out of range, or an input can't be used.</exception>
    public PowerReport Run(Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var work = Directory.CreateTempSubdirectory("isotope-power-");
        try
        {
            return Simulate(work.FullName, device, progress, cancellation);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private PowerReport Simulate(string folder, Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        using var network = LoadNetwork(device);
        Data.RequireClasses(network.Classes);
        var key = CarrierKey.FromSeed(Data.ClassNames.Count, network.FeatureDimension, Seed);
        var marked = Path.Combine(folder, "marked");
        var summary = MarkingSummary.Of(
            new DatasetMarker(Data, key, network, Options with { OnlyMarked = true }).Run(marked, progress, cancellation).Images
        );
        var result = Test(key, network, Data.Overlay(marked), device, progress, cancellation);
        var control = Test(key, network, Data, device, progress, cancellation);
        var theory = FixedFeaturePower.Predict(network, Data, summary.MeanDisplacement, progress, cancellation);
        return ReportOf(network, summary, result, control, theory);
    }

    /// <summary>Tests what a thief gets who retrains the classifier on the marking network's features.</summary>
    private DetectionResult Test(
        CarrierKey key,
        Network network,
        Dataset data,
        Device device,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        using var suspect = LoadNetwork(device);
        new ClassifierTrainer(
            data,
            suspect,
            new TrainingOptions
            {
                Augmentation = Augmentation.Centre,
                WeightDecay = 0,
                Seed = Seed,
            }
        ).Run(progress, cancellation);
        return WhiteBoxTest.Run(
            key,
            network,
            suspect,
            ForAlignment(network.FeatureDimension),
            Paper,
            progress: progress,
            cancellation: cancellation
        );
    }

    private TorchNetwork LoadNetwork(Device device) =>
        Network.Load(Marking, device) as TorchNetwork
        ?? throw new IsotopeException("--marking-network: expected a checkpoint, found a model that brings its own architecture");

    /// <summary>A few vanilla images: on fixed features the map is the identity whichever they are.</summary>
    private Dataset ForAlignment(int dimension) => Data.Limit(1 + ImagesPerDimension * dimension / Data.ClassNames.Count);

    private PowerReport ReportOf(
        Network network,
        MarkingSummary summary,
        DetectionResult result,
        DetectionResult control,
        FixedFeaturePower theory
    ) =>
        new(
            RunSettings.Version,
            Data.ClassNames.Count,
            network.FeatureDimension,
            Data.Images.Count,
            Options.Fraction,
            summary.MeanPsnr,
            summary.MeanDisplacement,
            PowerEstimate.Of(theory, Options.Fraction),
            PowerEstimate.Of(ShiftedNormal.Between(Combined(control), Combined(result)), Options.Fraction)
        );

    /// <summary>Stouffer's sum, whichever combination counts: its z-score moves in proportion to the fraction.</summary>
    private static PValue Combined(DetectionResult result) => Stouffer.Combine([.. result.Classes.Select(c => c.PValue)]);
}
