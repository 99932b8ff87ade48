using Isotope.Carriers;
using Isotope.Cli.Demo;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Statistics;
using Isotope.Tests.Networks;
using Isotope.Training;

namespace Isotope.Tests.Detection;

/// <summary>
/// Real images, marked with a ResNet-20; a network of another family, trained from scratch on them; the white-box test, also of its ONNX
/// export. The control is trained on the same images, vanilla. Marks are stronger (32 dB) than one would publish: a test has little time.
/// </summary>
public sealed class TransferTests : IDisposable
{
    private static readonly TrainingOptions Training = new() { Epochs = 8, BatchSize = 64, LearningRate = 0.05, Augmentation = Augmentation.Centre };
    private readonly TemporaryFolder folder = new();
    private readonly CarrierKey key = CarrierKey.FromSeed(10, 64, 12);
    private readonly Network marking;
    private readonly Dataset vanilla;
    private readonly Dataset test;

    public TransferTests()
    {
        DemoAssets.Unpack(folder.File("demo"));
        marking = Network.Load(folder.File($"demo/{DemoAssets.Marker}"));
        (vanilla, test) = (Dataset.Open(folder.File("demo/vanilla/train")), Dataset.Open(folder.File("demo/vanilla/test")));
    }

    [Fact]
    public void Run_VggTrainedFromScratchAndItsOnnxExport_AreDetectedAndTheControlIsNot()
    {
        using var marked = Train(Mark(), seed: 1);
        using var reference = Train(vanilla, seed: 2);
        using var control = Train(vanilla, seed: 3);
        OnnxExport.Save((SmallNetworks.SmallVgg)marked.Module, marked.Input.Size, folder.File("vgg.onnx"));
        using var onnx = Network.Load(folder.File("vgg.onnx"));
        AssertDetected(marked, reference);
        AssertDetected(onnx, reference);
        Assert.True(Detect(control, reference).Log10 > -2);
    }

    public void Dispose()
    {
        marking.Dispose();
        folder.Dispose();
    }

    private Dataset Mark()
    {
        var options = new DatasetMarkingOptions { Fraction = 1, Marking = new MarkingOptions { Psnr = 32, Radius = 20, Iterations = 10, Augmentation = Augmentation.Centre } };
        new DatasetMarker(vanilla, key, marking, options).Run(folder.File("marked"));
        return Dataset.Open(folder.File("marked"));
    }

    private static TorchNetwork Train(Dataset images, long seed)
    {
        var network = SmallNetworks.Create(SmallNetworks.Vgg, classes: 10, seed);
        new Trainer(images, network, Training with { Seed = seed }).Run();
        return network;
    }

    private void AssertDetected(Network suspect, Network reference) =>
        Assert.True(Detect(suspect, reference) is { Log10: < -3 }, $"{suspect.Architecture}: not detected");

    private PValue Detect(Network suspect, Network reference) =>
        WhiteBoxTest.Run(key, marking, suspect, test, new WhiteBoxOptions { References = [reference], Probes = 4000 }).PValue;
}
