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

namespace Isotope.Cli.Commands.Marking;

/// <summary>
/// Simulates a test before anything is published: marks the owner's images under a throw-away key, retrains the classifier on the
/// marking network's features, tests it, and puts the theory beside it.
/// </summary>
/// <param name="Data">Vanilla images.</param>
/// <param name="Marking">Marking network.</param>
/// <param name="Options">How many images are marked, and how.</param>
/// <param name="Seed">Seed of the throw-away key and of training.</param>
internal sealed record PowerJob(Dataset Data, NetworkFile Marking, DatasetMarkingOptions Options, long Seed)
{
    private const int ImagesPerDimension = 4;

    /// <summary>The statistic that the theory is about.</summary>
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
        var key = CarrierKey.FromSeed(Data.ClassNames.Count, network.FeatureDimension, Seed);
        var output = Path.Combine(folder, "marked");
        var manifest = new DatasetMarker(Data, key, network, Options with { OnlyMarked = true }).Run(output, progress, cancellation);
        var marks = MarkingSummary.Of(manifest.Images);
        var found = Test(Data.Overlay(output));
        var control = Test(Data);
        var theory = FixedFeaturePower.Predict(network, Data, marks.MeanDisplacement, progress, cancellation);
        return ReportOf(network, marks, theory, ShiftedNormal.Between(Combined(control), Combined(found)));

        DetectionResult Test(Dataset images)
        {
            using var suspect = LoadNetwork(device);
            if (suspect.Classes != Data.ClassNames.Count)
                suspect.ReplaceClassifier(Data.ClassNames.Count, Seed);
            RetrainClassifier(suspect, images, progress, cancellation);
            var vanilla = ForAlignment(network.FeatureDimension);
            return WhiteBoxTest.Run(key, network, suspect, vanilla, Paper, progress: progress, cancellation: cancellation);
        }
    }

    private void RetrainClassifier(TorchNetwork suspect, Dataset images, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var options = new TrainingOptions
        {
            Augmentation = Augmentation.Centre,
            WeightDecay = 0,
            Seed = Seed,
        };
        new ClassifierTrainer(images, suspect, options).Run(progress, cancellation);
    }

    private TorchNetwork LoadNetwork(Device device) =>
        Network.Load(Marking.Reference, device, Marking.Takes) as TorchNetwork
        ?? throw new IsotopeException("--marking-network: expected a checkpoint, found a model that brings its own architecture");

    /// <summary>A few vanilla images suffice: on fixed features the alignment is the identity, whichever they are.</summary>
    private Dataset ForAlignment(int dimension) => Data.Limit(1 + ImagesPerDimension * dimension / Data.ClassNames.Count);

    private PowerReport ReportOf(Network network, MarkingSummary marks, FixedFeaturePower theory, ShiftedNormal simulation) =>
        new(
            RunSettings.Version,
            Data.ClassNames.Count,
            network.FeatureDimension,
            Data.Images.Count,
            Options.Fraction,
            marks.MeanPsnr,
            marks.MeanDisplacement,
            PowerEstimate.Of(theory, Options.Fraction),
            PowerEstimate.Of(simulation, Options.Fraction)
        );

    /// <summary>Stouffer's sum, whichever combination counts: its z-score grows in proportion to the fraction.</summary>
    private static PValue Combined(DetectionResult result) => Stouffer.Combine([.. result.Classes.Select(c => c.PValue)]);
}
