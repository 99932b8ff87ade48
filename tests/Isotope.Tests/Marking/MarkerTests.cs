using System.Globalization;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Marking;

public sealed class MarkerTests
{
    private static readonly MarkingOptions Quick = new() { Iterations = 6 };

    [Theory]
    [InlineData(null)]
    [InlineData(38.0)]
    public void Mark_Always_StaysNearAndMovesFeaturesAlongTheCarrier(double? psnr)
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var (originals, carriers, streams) = Batch(4);
        var options = Quick with { Psnr = psnr, Iterations = 20, Augmentation = Augmentation.Centre };
        var marked = new Marker(network, options).Mark(originals, carriers, streams);

        Assert.All(marked.Zip(originals), pair => Assert.InRange((pair.First - pair.Second).abs().max().item<float>(), 1, 10));
        var shift = network.CentreFeatures(marked) - network.CentreFeatures(originals);
        Assert.True((shift * carriers).sum(dim: 1).min().item<float>() > 0);
        if (psnr is not null)
            Assert.All(Enumerable.Range(0, 4), i => Assert.InRange(Quality(originals[i], marked[i]), 38, 39));
    }

    /// <summary>
    /// The loop of §3.3, written out: descent on −(φ(x̃) − φ(x))ᵀu + λ₁‖x̃ − x‖² + λ₂‖φ(x̃) − φ(x)‖ in normalised units, clipped, and
    /// rounded every T steps.
    /// </summary>
    [Fact]
    public void Mark_WithARate_IsThePublishedLoop()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var vanilla = Views.ToTensor(Fixtures.Image(16, 16, 3, 1));
        var carrier = OneCarrier();
        var squaredScale = network.GreyLevelsPerUnit(3).Squared();
        var rate = 1.5f / (squaredScale * Gradient(vanilla, 0, 0)).Squared().mean().sqrt().item<float>();
        var options = new MarkingOptions
        {
            Iterations = 13,
            Psnr = null,
            Rate = rate,
            PixelPenalty = 0.05 / rate,
            FeaturePenalty = 0.3,
            Radius = 6,
            RoundEvery = 5,
            Augmentation = Augmentation.Centre,
        };
        var marked = Views.ToBytes(new Marker(network, options).Mark([vanilla], carrier, [Stream(0)])[0]);

        Assert.InRange(Agreement(options), 0.98, 1);
        Assert.InRange(Agreement(options with { FeaturePenalty = -0.3 }), 0, 0.9);
        Assert.InRange(Agreement(options with { PixelPenalty = 0 }), 0, 0.9);
        Assert.InRange(Agreement(options with { RoundEvery = 100 }), 0, 0.9);
        Assert.InRange(Agreement(options with { Radius = 5 }), 0, 0.9);

        double Agreement(MarkingOptions loop) => Views.ToBytes(Loop(loop)).Zip(marked).Average(pair => pair.First == pair.Second ? 1 : 0);

        Tensor Loop(MarkingOptions loop)
        {
            var current = vanilla;
            for (var t = 1; t <= loop.Iterations; t++)
            {
                current = current - squaredScale.Times(rate) * Gradient(current, loop.PixelPenalty, loop.FeaturePenalty);
                current = vanilla.Plus((current - vanilla).ClampInPlace(-loop.Radius, loop.Radius)).ClampInPlace(0, 255);
                if (t % loop.RoundEvery == 0)
                    current = current.round();
            }

            return current.round();
        }

        Tensor Gradient(Tensor image, double pixelPenalty, double featurePenalty)
        {
            var pixels = image.detach().requires_grad_(true);
            var shift = network.Features(network.CentreViews([pixels])) - network.CentreFeatures([vanilla]);
            var distance = ((pixels - vanilla).Squared() / squaredScale).sum();
            var penalties = shift.norm().Times(featurePenalty).Plus(distance.Times(pixelPenalty));
            return autograd.grad([penalties - (shift * carrier).sum()], [pixels])[0];
        }
    }

    [Fact]
    public void Mark_AnyBatchSizeAndThreads_GivesTheSameBytes()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var marker = new Marker(network, Quick);
        var (originals, carriers, streams) = Batch(20);
        var together = marker.Mark(originals, carriers, streams);
        var threads = get_num_threads();
        try
        {
            set_num_threads(2);
            Assert.NotEqual(threads, get_num_threads()); // tests run on one thread
            foreach (var group in new[] { 0, 7, 1, 19, 5 }.Chunk(3))
            {
                var apart = marker.Mark(
                    [.. group.Select(i => originals[i])],
                    stack(group.Select(i => carriers[i])),
                    [.. group.Select(Stream)]
                );
                for (var i = 0; i < group.Length; i++)
                    Assert.Equal(Views.ToBytes(together[group[i]]), Views.ToBytes(apart[i]));
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void Mark_LargerImageAndThreads_GivesTheSameBytes()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var original = Views.ToTensor(Fixtures.Image(500, 333, 3, 1));
        var marker = new Marker(network, Quick with { Psnr = 42, Augmentation = Augmentation.Resized });
        var threads = get_num_threads();
        try
        {
            var marked = new[] { 1, 2 }
                .Select(count =>
                {
                    set_num_threads(count);
                    return Views.ToBytes(marker.Mark([original], OneCarrier(), [Stream(0)])[0]);
                })
                .ToArray();
            Assert.Equal(marked[0], marked[1]);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void Mark_TwelveMegapixels_TakesLessThanOneGigabyte()
    {
        if (!OperatingSystem.IsLinux())
            return;
        const int image = 3 * 4000 * 3000 * sizeof(float);
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var original = zeros([3, 3000, 4000]).AddInPlace(tensor(128f));
        var before = ResetPeak();
        var options = Quick with { Iterations = 3, Psnr = 42, Augmentation = Augmentation.Resized };
        new Marker(network, options).Mark([original], OneCarrier(), [Stream(0)]);
        Assert.InRange(Memory("VmHWM") - before, image, 1_000_000_000);
    }

    [Fact]
    public void Mark_RateThatRoundingErases_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var (originals, carriers, streams) = Batch(2);
        var marked = new Marker(network, Quick with { Psnr = null, Rate = 1e-9 }).Mark(originals, carriers, streams);
        Assert.All(marked.Zip(originals), pair => Assert.Equal(Views.ToBytes(pair.First), Views.ToBytes(pair.Second)));
    }

    [Fact]
    public void Mark_ManySteps_LeavesNoTensorAlive()
    {
        using var network = Fixtures.RandomNetwork();
        MarkOnce(network);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        MarkOnce(network);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(0, 30, null, "Radius")]
    [InlineData(10, 0, null, "Iterations")]
    [InlineData(10, 30, 99.0, "Psnr")]
    public void Constructor_OptionOutOfRange_IsRefusedByName(int radius, int iterations, double? psnr, string option)
    {
        using var network = Fixtures.RandomNetwork();
        var options = new MarkingOptions
        {
            Radius = radius,
            Iterations = iterations,
            Psnr = psnr,
        };
        Assert.StartsWith(option, Assert.Throws<IsotopeException>(() => new Marker(network, options)).Message);
    }

    private static void MarkOnce(Isotope.Networks.Network network)
    {
        using var scope = NewDisposeScope();
        var (originals, carriers, streams) = Batch(2);
        new Marker(network, Quick with { Psnr = 40 }).Mark(originals, carriers, streams);
        new Marker(network, Quick).Mark(originals, carriers, streams);
    }

    private static (Tensor[] Originals, Tensor Carriers, RandomStream[] Streams) Batch(int count)
    {
        // Several sizes, grey and RGB, in one batch.
        Tensor[] originals =
        [
            .. Enumerable.Range(0, count).Select(i => Views.ToTensor(Fixtures.Image(16 + i % 3, 16, i % 2 == 0 ? 3 : 1, i))),
        ];
        var carriers = CarrierKey.FromSeed(count, 64, 5).ToTensor();
        return (originals, carriers, [.. Enumerable.Range(0, count).Select(Stream)]);
    }

    private static Tensor OneCarrier() => CarrierKey.FromSeed(2, 64, 5).ToTensor().narrow(0, 0, 1);

    private static RandomStream Stream(int i) => new(9, $"views {i}");

    private static double Quality(Tensor original, Tensor marked) =>
        20 * Math.Log10(255) - 10 * Math.Log10((original - marked).Squared().mean().item<float>());

    /// <summary>Resets the peak of the process's memory; returns its memory now, in bytes.</summary>
    private static long ResetPeak()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Memory("VmRSS");
    }

    private static long Memory(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
