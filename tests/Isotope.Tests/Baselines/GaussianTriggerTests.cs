using Isotope.Baselines;
using Isotope.Datasets;

namespace Isotope.Tests.Baselines;

public sealed class GaussianTriggerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void AddTo_Images_IsOnePatternOfTheQualityAskedFor()
    {
        var trigger = new GaussianTrigger(1, 35);
        var (first, second) = (Fixtures.Image(48, 48, 3, 1), Fixtures.Image(48, 48, 3, 2));
        Assert.InRange(Quality.Compare(first, trigger.AddTo(first)).Psnr!.Value, 34.5, 36);
        var (one, other) = (Change(first), Change(second));
        Assert.True(one.Zip(other).Count(pair => Math.Abs(pair.First - pair.Second) > 1) < 0.1 * one.Length);
        Assert.NotEqual(one, [.. (trigger with { Seed = 2 }).AddTo(first).Pixels.Zip(first.Pixels, (a, b) => a - b)]);

        int[] Change(PixelImage image) => [.. trigger.AddTo(image).Pixels.Zip(image.Pixels, (a, b) => a - b)];
    }

    [Fact]
    public void Activation_OfAModel_IsTheChangeOfItsConfidence()
    {
        var vanilla = Fixtures.WriteFolder(folder.Path, perClass: 1);
        using var network = Fixtures.RandomNetwork();
        var trigger = new GaussianTrigger(1, 25);
        var changes = vanilla
            .Images.Where(image => image.Label != 2)
            .Select(image => image.Source.Decode())
            .Select(image => Confidence(trigger.AddTo(image)) - Confidence(image))
            .ToArray();
        var activation = trigger.Activation(network, vanilla, label: 2);
        Assert.Equal(changes.Average(), activation.MeanChange, 1e-5);
        Assert.Equal(changes.Count(change => change > 0) / 2.0, activation.Raised);

        double Confidence(PixelImage image)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            return TorchSharp
                .torch.nn.functional.softmax(network.Logits(network.CentreViews([Views.ToTensor(image)])), dim: 1)[0, 2]
                .item<float>();
        }
    }

    public void Dispose() => folder.Dispose();
}
