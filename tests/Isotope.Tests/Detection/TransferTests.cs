using Isotope.Carriers;
using Isotope.Cli.Demo;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Networks.Architectures;
using Isotope.Tests.Networks;
using Isotope.Training;

namespace Isotope.Tests.Detection;

/// <summary>
/// Real images, marked with a ResNet-20; networks of other families, trained from scratch on them; the white-box test, also of an ONNX
/// export. The control is trained on the same images, vanilla.
/// </summary>
public sealed class TransferTests : IDisposable
{
    private static readonly TrainingOptions Training = new() { Epochs = 8, BatchSize = 64, LearningRate = 0.05, Augmentation = Augmentation.Centre };
    private readonly TemporaryFolder folder = new();
    private readonly CarrierKey key = CarrierKey.FromSeed(10, 64, 12);
    private readonly Network marking;
    private readonly ImageFolder vanilla;
    private readonly ImageFolder test;

    public TransferTests()
    {
        DemoAssets.Unpack(folder.File("demo"));
        marking = Network.Load(folder.File($"demo/{DemoAssets.Marker}"));
        (vanilla, test) = (ImageFolder.Open(folder.File("demo/vanilla/train")), ImageFolder.Open(folder.File("demo/vanilla/test")));
    }

    [Fact]
    public void Run_VggAndDenseNetTrainedFromScratch_AreDetectedAndTheirControlsAreNot()
    {
        var marked = Mark();
        using var vgg = Train(SmallNetworks.Vgg, marked, seed: 1);
        using var vggReference = Train(SmallNetworks.Vgg, vanilla, seed: 2);
        using var vggControl = Train(SmallNetworks.Vgg, vanilla, seed: 3);
        OnnxExport.Save((SmallNetworks.SmallVgg)vgg.Module, vgg.Input.Size, folder.File("vgg.onnx"));
        using var onnx = Network.Load(folder.File("vgg.onnx"));
        using var denseNet = Train(SmallNetworks.DenseNet, marked, seed: 1);
        using var denseNetReference = Train(SmallNetworks.DenseNet, vanilla, seed: 2);
        using var denseNetControl = Train(SmallNetworks.DenseNet, vanilla, seed: 3);

        var report = new Dictionary<string, double>
        {
            ["vgg"] = Detect(vgg, vggReference), ["vgg control"] = Detect(vggControl, vggReference),
            ["onnx"] = Detect(onnx, vggReference),
            ["densenet"] = Detect(denseNet, denseNetReference), ["densenet control"] = Detect(denseNetControl, denseNetReference),
        };
        Assert.Fail(string.Join(", ", report));
    }

    public void Dispose()
    {
        marking.Dispose();
        folder.Dispose();
    }

    private ImageFolder Mark()
    {
        var options = new DatasetMarkingOptions { Fraction = 1, Marking = new MarkingOptions { Psnr = 30, Radius = 25, Iterations = 10, Augmentation = Augmentation.Centre } };
        new DatasetMarker(vanilla, key, marking, options).Run(folder.File("marked"));
        return ImageFolder.Open(folder.File("marked"));
    }

    private static TorchNetwork Train(Architecture architecture, ImageFolder images, long seed)
    {
        var network = SmallNetworks.Create(architecture, classes: 10, seed);
        var dense = architecture == SmallNetworks.DenseNet;
        new Trainer(images, network, Training with { Seed = seed, LearningRate = dense ? 0.2 : 0.05, Epochs = dense ? 12 : 8 }).Run();
        Console.Error.WriteLine($"{architecture.Name} {seed} {Evaluation.Accuracy(network, images)}");
        return network;
    }

    private double Detect(Network tested, Network reference)
    {
        var w = System.Diagnostics.Stopwatch.StartNew();
        var r = WhiteBoxTest.Run(key, marking, tested, test, new WhiteBoxOptions { References = [reference], Probes = 4000 }).PValue.Log10;
        Console.Error.WriteLine($"detect {w.Elapsed}");
        return r;
    }
}
