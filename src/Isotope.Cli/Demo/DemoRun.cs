using Isotope.Carriers;
using Isotope.Cli.Commands.Models;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Files;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Reports;
using Isotope.Runs;
using Isotope.Training;
using static TorchSharp.torch;

namespace Isotope.Cli.Demo;

/// <summary>
/// The whole pipeline on real images: key → mark → train on marked and on vanilla images → test both models. Everything it makes stays in
/// its folder, so that an interrupted demo resumes there.
/// </summary>
internal sealed class DemoRun(string folder, long? seed, Device device, IProgress<StageProgress> progress, CancellationToken cancellation)
{
    /// <summary>Dimension of the marking network's features.</summary>
    private const int Dimension = 64;

    /// <summary>
    /// Half of the images, at 42 dB. Marks are made for the centre crop, the view that the suspect is trained on. A feature penalty larger
    /// than the paper's (0.01) keeps the marked images easier to learn.
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

    /// <summary>The suspect is a new classifier on the network's features: plain logistic regression, no penalty.</summary>
    private static readonly TrainingOptions Training = new()
    {
        Epochs = 100,
        WeightDecay = 0,
        Augmentation = Augmentation.Centre,
    };

    private static readonly WhiteBoxOptions PapersTest = new() { Statistic = WhiteBoxStatistic.Paper, RankSets = 10_000 };

    /// <exception cref="IsotopeException">The folder can't be written, or belongs to another demo.</exception>
    public DemoReport Run()
    {
        DemoAssets.Unpack(folder);
        var train = Dataset.Open(Below("vanilla/train"));
        var test = Dataset.Open(Below("vanilla/test"));
        var key = OpenKey(train.ClassNames.Count);
        using var network = Network.Load(Below(DemoAssets.Marker), device);
        var manifest = Mark(train, key, network);
        test = VanillaGuard.Keep(test, manifest, cancellation);
        Preview.Write(train, manifest, Below("marked"), Below("preview.png"));

        var marked = Train(Dataset.Open(Below("marked")), test, "marked");
        var control = Train(train, test, "control");
        return ReportOf(train, manifest, key, Test(marked), Test(control));

        ModelReport Test(TrainingFacts model)
        {
            using var suspect = Network.Load(model.Out, device);
            var result = WhiteBoxTest.Run(key, network, suspect, test, PapersTest, manifest: null, progress, cancellation);
            return new ModelReport(result.PValue.Log10, model.Accuracy!.Value, result.RankCheck!);
        }
    }

    private string Below(string name) => Path.Combine(folder, name);

    private CarrierKey OpenKey(int classes)
    {
        var path = Below("owner.key");
        if (!File.Exists(path))
            KeyFile.Save(MakeKey(classes), path);
        var key = KeyFile.Load(path);
        if (seed is not null && key.Origin != $"seed {seed}")
            throw new IsotopeException(
                $"--seed {seed}: expected a key of this seed, found {path} with origin {key.Origin}; delete {folder} to start anew"
            );
        return key;
    }

    private CarrierKey MakeKey(int classes) =>
        seed is { } given ? CarrierKey.FromSeed(classes, Dimension, given) : CarrierKey.Create(classes, Dimension);

    private Manifest Mark(Dataset train, CarrierKey key, Network network)
    {
        var output = Below("marked");
        var path = Manifest.PathFor(output);
        if (!File.Exists(path))
            return new DatasetMarker(train, key, network, Marking).Run(output, progress, cancellation);
        var manifest = Manifest.Load(path);
        if (!manifest.IsOfKey(key.Commitment))
            throw new IsotopeException(
                $"{path}: expected images marked with {Below("owner.key")}, found another key's; delete {folder} to start anew"
            );
        return manifest;
    }

    private TrainingFacts Train(Dataset images, Dataset test, string name)
    {
        var job = new TrainingJob(
            images,
            test,
            Architecture: null,
            Init: Below(DemoAssets.Marker),
            FreezeFeatures: true,
            InputSize: null,
            Training
        );
        return job.Run(Below($"{name}-model.safetensors"), device, progress, cancellation);
    }

    private DemoReport ReportOf(Dataset train, Manifest manifest, CarrierKey key, ModelReport marked, ModelReport control)
    {
        var marks = MarkingSummary.Of(manifest.Images);
        return new DemoReport(
            RunSettings.Version,
            marked,
            control,
            train.Images.Count,
            manifest.Images.Count,
            Marking.Fraction,
            marks.MeanPsnr,
            marks.MeanDisplacement,
            key.Origin,
            key.Commitment,
            folder
        );
    }
}
