using CsCheck;
using Isotope.Marking;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Marking;

public sealed class PixelBallTests
{
    private static readonly Gen<(int Seed, int Radius, double? Psnr)> Balls = Gen.Int[0, 1000]
        .Select(
            Gen.Int[1, 20],
            Gen.Int[0, 3].Select(i => new double?[] { null, 30, 42, 55 }[i]),
            (seed, radius, psnr) => (seed, radius, psnr)
        );

    [Fact]
    public void ClipAndShrink_AnyChange_LiesInsideAndIsIdempotent() =>
        Balls.Sample(ball =>
        {
            using var scope = NewDisposeScope();
            var (originals, far) = Points(ball.Seed);
            var pixelBall = new PixelBall(originals, ball.Radius, ball.Psnr);
            var once = Project(pixelBall, far - originals, originals);
            return IsInside(originals.Plus(once), originals, ball.Radius, ball.Psnr, slack: 1e-3)
                && (Project(pixelBall, once, originals) - once).abs().max().item<float>() < 1e-3;
        });

    [Fact]
    public void RoundInside_AnyChange_GivesIntegersInside() =>
        Balls.Sample(ball =>
        {
            using var scope = NewDisposeScope();
            var (originals, far) = Points(ball.Seed);
            var pixelBall = new PixelBall(originals, ball.Radius, ball.Psnr);
            var rounded = originals.Plus(pixelBall.RoundInside(far - originals));
            return IsInside(rounded, originals, ball.Radius, ball.Psnr, slack: 0)
                && (rounded - rounded.round()).abs().max().item<float>() == 0;
        });

    [Theory]
    [InlineData(1)]
    [InlineData(0.7)]
    public void RoundInside_WantedQuality_IsNearlyUsedUp(double scale)
    {
        using var scope = NewDisposeScope();
        var (originals, far) = Points(5);
        var ball = new PixelBall(originals, radius: 30, psnr: 40);
        var distance = ball.RoundInside(Project(ball, far - originals, originals).Times(scale)).norm().item<float>();
        Assert.InRange(distance / ball.Distance!.Value, 0.9, 1);
    }

    private static Tensor Project(PixelBall ball, Tensor change, Tensor original)
    {
        var inside = change.clone();
        ball.Clip(inside, original);
        ball.Shrink(inside);
        return inside;
    }

    private static (Tensor Originals, Tensor Far) Points(int seed)
    {
        manual_seed(seed);
        var originals = randint(0, 256, [3, 8, 8]).to(float32);
        return (originals, originals.Plus(randn([3, 8, 8]).Times(40)));
    }

    private static bool IsInside(Tensor images, Tensor originals, int radius, double? psnr, double slack)
    {
        var change = images - originals;
        var distance = psnr is { } quality ? 255 * Math.Pow(10, -quality / 20) * Math.Sqrt(3 * 8 * 8) : double.PositiveInfinity;
        return change.abs().max().item<float>() <= radius + slack
            && images.min().item<float>() >= 0
            && images.max().item<float>() <= 255
            && change.norm().item<float>() <= distance * (1 + 1e-6) + slack;
    }
}
