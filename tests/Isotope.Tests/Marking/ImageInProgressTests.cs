using Isotope.Marking;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Marking;

public sealed class ImageInProgressTests
{
    private static readonly MarkingOptions Options = new()
    {
        Radius = 100,
        Psnr = null,
        Iterations = 40,
        PixelPenalty = 0,
        Augmentation = Isotope.Datasets.Augmentation.Centre,
    };

    [Fact]
    public void Move_WantedPsnr_StepsFallLinearlyAndReachSeveralTimesTheBall()
    {
        using var scope = NewDisposeScope();
        var options = Options with { Psnr = 42 };
        var lengths = StepsOf(options, Enumerable.Repeat(1f, options.Iterations));
        var ball = new PixelBall(Original(), options.Radius, options.Psnr).Distance!.Value;
        Assert.Equal(7.5 * ball, lengths.Sum(), 1e-3 * ball);
        Assert.All(
            lengths.Index(),
            step => Assert.Equal((options.Iterations - step.Index - 0.5) / (options.Iterations - 0.5), step.Item / lengths[0], 1e-3)
        );
    }

    [Fact]
    public void Move_NoPsnr_TheFirstGradientSetsTheRateOfAll()
    {
        using var scope = NewDisposeScope();
        var lengths = StepsOf(Options with { RoundEvery = 1000 }, [1, 1, 2, 0.5f]);
        var first = Options.FirstStep * Math.Sqrt(Original().numel());
        Assert.Equal([first, first, 2 * first, first / 2], lengths, (x, y) => Math.Abs(x - y) < 1e-3 * first);
    }

    /// <summary>The lengths of steps back and forth along one direction, so that none reaches the edge of the ball.</summary>
    private static double[] StepsOf(MarkingOptions options, IEnumerable<float> gradients)
    {
        using var network = Fixtures.RandomNetwork();
        var image = new ImageInProgress(Original(), network, options, new RandomStream(1, "views"));
        var direction = randn(Original().shape, generator: new Generator(3));
        return [.. gradients.Select((size, i) => Step(i % 2 == 0 ? size : -size))];

        double Step(float size)
        {
            var before = image.NextRegion().detach().clone();
            image.Move(direction.Times(size));
            return (image.NextRegion().detach() - before).norm().item<float>();
        }
    }

    private static Tensor Original() => zeros([3, 16, 16]).Plus(128);
}
