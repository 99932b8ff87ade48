using Isotope.Carriers;
using Isotope.Cli.Commands;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Files;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Runs;
using Isotope.Training;
using static TorchSharp.torch;

namespace Isotope.Cli.Demo;

/// <summary>
/// The whole pipeline on real images: key → mark → train on marked and on vanilla images → test both models. Everything
/// it makes stays in its folder; run again, it goes on where it was.
/// </summary>
internal sealed class DemoRun(string folder, long? seed, Device device, IProgress<StageProgress> progress, CancellationToken cancellation)
{
    /// <summary>
    /// Half of the images at 42 dB. Marks are made for the centre crop, the view that the demo's thief trains on; a larger
    /// feature penalty than the paper's (0.01) keeps the marked images easier to learn.
    /// </summary>
    private static readonly DatasetMarkingOptions Marking = new()
    {
        Fraction = 0.5,
        Marking = new MarkingOptions
        {
            Psnr = 42,
            Iterations = 20,
            FeaturePenalty = 0.2,
            Augmentation = Augmentation.Centre,
        },
    };

    /// <summary>The thief fits a new classifier on the network's features: plain logistic regression, no penalty.</summary>
    private static readonly TrainingOptions Thief = new()
    {
        Epochs = 100,
        WeightDecay = 0,
        Augmentation = Augmentation.Centre,
    };

    private static readonly WhiteBoxOptions PapersTest = new() { Statistic = WhiteBoxStatistic.Paper, RankSets = 10_000 };

    /// <exception cref="IsotopeException">The folder can't be written, or holds something else.</exception>
    public DemoReport Run()
    {
        DemoAssets.Unpack(folder);
        var (train, test) = (Dataset.Open(Below("vanilla/train")), Dataset.Open(Below("vanilla/test")));
        var key = OpenKey(train.ClassNames.Count);
        using var network = Network.Load(Below(DemoAssets.Marker), device);
        var manifest = Mark(train, key, network);
        test = VanillaGuard.Keep(test, manifest, cancellation);
        Preview.Write(train, manifest, Below("marked"), Below("preview.png"));

        var marked = Train(Dataset.Open(Below("marked")), test, "marked");
        var control = Train(train, test, "control");
        return new DemoReport(
            RunSettings.Version,
            Test(marked),
            Test(control),
            train.Images.Count,
            manifest.Images.Count,
            Marking.Fraction,
            MarkingSummary.Of(manifest.Images).MeanPsnr,
            MarkingSummary.Of(manifest.Images).MeanDisplacement,
            key.Origin,
            key.Commitment,
            folder
        );

        ModelReport Test((string Checkpoint, double Accuracy) model)
        {
            using var tested = Network.Load(model.Checkpoint, device);
            var result = WhiteBoxTest.Run(key, network, tested, test, PapersTest, manifest: null, progress, cancellation);
            return new ModelReport(result.PValue.Log10, model.Accuracy, result.RankCheck!);
        }
    }

    private string Below(string name) => Path.Combine(folder, name);

    private CarrierKey OpenKey(int classes)
    {
        var path = Below("owner.key");
        if (!File.Exists(path))
        {
            const int dimension = 64;
            KeyFile.Save(seed is { } given ? CarrierKey.FromSeed(classes, dimension, given) : CarrierKey.Create(classes, dimension), path);
        }

        var key = KeyFile.Load(path);
        if (seed is not null && key.Origin != $"seed {seed}")
            throw new IsotopeException(
                $"--seed {seed}: expected a key of this seed, found {path} with origin {key.Origin}; delete {folder} to start anew"
            );
        return key;
    }

    private Manifest Mark(Dataset train, CarrierKey key, Network network)
    {
        var (output, manifest) = (Below("marked"), Manifest.PathFor(Below("marked")));
        if (!File.Exists(manifest))
            return new DatasetMarker(train, key, network, Marking).Run(output, progress, cancellation);
        var marked = Manifest.Load(manifest);
        return marked.IsOfKey(key.Commitment)
            ? marked
            : throw new IsotopeException(
                $"{manifest}: expected images marked with {Below("owner.key")}, found another key's; delete {folder} to start anew"
            );
    }

    private (string Checkpoint, double Accuracy) Train(Dataset data, Dataset test, string name)
    {
        var output = Below($"{name}-model.safetensors");
        var job = new TrainingJob(
            data,
            test,
            Architecture: null,
            Init: Below(DemoAssets.Marker),
            FreezeFeatures: true,
            InputSize: null,
            Thief
        );
        return (output, job.Run(output, device, progress, cancellation).Accuracy!.Value);
    }
}
