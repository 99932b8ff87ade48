using System.IO.Compression;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Networks.Architectures;
using Isotope.Statistics;
using Isotope.Tests.Networks;
using Isotope.Training;

namespace Isotope.Tests.Detection;

/// <summary>
/// The white-box test of networks of other families, and of an ONNX export, trained from scratch on real images that were marked with a
/// ResNet-20. The controls are trained on the same images, vanilla. Marks are stronger (32 dB) than one would publish, to save time.
/// </summary>
public sealed class TransferTests : IDisposable
{
    private static readonly TrainingOptions Training = new()
    {
        Epochs = 8,
        BatchSize = 64,
        LearningRate = 0.05,
        Augmentation = Augmentation.Centre,
    };
    private readonly TemporaryFolder folder = new();
    private readonly CarrierKey key = CarrierKey.FromSeed(10, 64, 12);
    private readonly Network marking;
    private readonly Dataset vanilla;
    private readonly Dataset test;

    public TransferTests()
    {
        ZipFile.ExtractToDirectory(Repository.Demo("fashion-mnist.zip"), folder.File("vanilla"));
        marking = Network.Load(Repository.Demo("marker.safetensors"));
        vanilla = Dataset.Open(folder.File("vanilla/train"));
        test = Dataset.Open(folder.File("vanilla/test"));
    }

    [Fact]
    public void Run_VggAndItsOnnxExportAndDenseNetFromScratch_AreDetectedAndControlsAreNot()
    {
        var marked = Mark();
        var slower = Training with { Epochs = 14, BatchSize = 32 };
        using var reference = Train(SmallNetworks.Vgg, vanilla, Training with { Seed = 2 });
        using var vgg = Train(SmallNetworks.Vgg, marked, Training with { Seed = 1 });
        using var vggControl = Train(SmallNetworks.Vgg, vanilla, Training with { Seed = 3 });
        OnnxExport.Save((SmallNetworks.SmallVgg)vgg.Module, vgg.Input.Size, folder.File("vgg.onnx"));
        using var onnx = Network.Load(folder.File("vgg.onnx"));
        using var denseNet = Train(SmallNetworks.DenseNet, marked, slower with { Seed = 1 });
        using var denseNetControl = Train(SmallNetworks.DenseNet, vanilla, slower with { Seed = 3 });

        TorchNetwork[] neverSawMarks = [reference, vggControl, denseNetControl];
        foreach (var suspect in (Network[])[vgg, onnx, denseNet])
            Assert.True(Detect(suspect, neverSawMarks).Log10 < -3, $"{suspect.Architecture}: not detected");
        foreach (var control in (Network[])[vggControl, denseNetControl])
            Assert.True(Detect(control, neverSawMarks).Log10 > -2, $"{control.Architecture}: detected");
    }

    public void Dispose()
    {
        marking.Dispose();
        folder.Dispose();
    }

    private Dataset Mark()
    {
        var options = new DatasetMarkingOptions
        {
            Fraction = 1,
            Marking = new MarkingOptions
            {
                Psnr = 32,
                Radius = 20,
                Iterations = 10,
                Augmentation = Augmentation.Centre,
            },
        };
        new DatasetMarker(vanilla, key, marking, options).Run(folder.File("marked"));
        return Dataset.Open(folder.File("marked"));
    }

    private static TorchNetwork Train(Architecture architecture, Dataset images, TrainingOptions options)
    {
        var network = SmallNetworks.Create(architecture, classes: 10, options.Seed);
        new Trainer(images, network, options).Run();
        return network;
    }

    /// <summary>Tests a model against the others that never saw the marks.</summary>
    private PValue Detect(Network suspect, Network[] neverSawMarks)
    {
        var options = new WhiteBoxOptions { References = [.. neverSawMarks.Where(model => model != suspect)], Probes = 4000 };
        return WhiteBoxTest.Run(key, marking, suspect, test, options).PValue;
    }
}
