using Isotope.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection;

public sealed class LeastSquaresAlignmentTests
{
    [Fact]
    public void Solve_LinearlyRelatedFeatures_RecoversTheMap()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var map = randn([7, 5], float64);
        using var alignment = new LeastSquaresAlignment(5, 7);
        for (var batch = 0; batch < 4; batch++)
        {
            var features = randn([30, 5], float64);
            alignment.Add(features, features.matmul(map.t()));
        }

        var solved = alignment.Solve();
        Assert.True((solved.Map - map).abs().max().item<double>() < 1e-7);
        Assert.Equal(1, solved.RSquared, 1e-9);
        Assert.Equal(120, alignment.Images);
    }

    [Fact]
    public void Solve_UnrelatedFeatures_ExplainsNothingOnImagesKeptOut()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var alignment = new LeastSquaresAlignment(50, 7);
        alignment.Add(randn([200, 50]), randn([200, 7]));
        Assert.InRange(alignment.Solve().RSquared, -2, 0);
    }

    [Fact]
    public void Solve_FeaturesWithAMean_MeasuresOnEveryFifthImageWhatItFittedOnTheOthers()
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        var marking = rand([500, 5], float64) + 2;
        var tested = marking.matmul(randn([5, 7], float64)) + randn([500, 7], float64);
        using var alignment = new LeastSquaresAlignment(5, 7);
        foreach (var (a, b) in marking.chunk(3).Zip(tested.chunk(3))) alignment.Add(a, b);
        var kept = arange(500).remainder(5).eq(4);
        var map = linalg.lstsq(marking[~kept], tested[~kept]).Solution;
        var residual = (tested[kept] - marking[kept].matmul(map)).square().sum().item<double>();
        var variance = (tested[kept] - tested[kept].mean([0], keepdim: true)).square().sum().item<double>();
        var solved = alignment.Solve();
        Assert.Equal(1 - residual / variance, solved.RSquared, 1e-7);
        Assert.True((solved.Map - linalg.lstsq(marking, tested).Solution.t()).abs().max().item<double>() < 1e-7);
    }

    [Fact]
    public void Solve_DeadFeature_IsIgnored()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var features = randn([50, 3], float64);
        features[TensorIndex.Colon, 1] = 0;
        using var alignment = new LeastSquaresAlignment(3, 3);
        alignment.Add(features, features);
        Assert.True((alignment.Solve().Map.diag() - tensor(new double[] { 1, 0, 1 })).abs().max().item<double>() < 1e-6);
    }

    [Fact]
    public void Solve_FewerImagesThanDimensions_TakesARidgeThatHelpsOnImagesKeptOut()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var map = randn([4, 60], float64);
        using var few = new LeastSquaresAlignment(60, 4);
        using var plenty = new LeastSquaresAlignment(60, 4);
        foreach (var (alignment, images) in new[] { (few, 50), (plenty, 400) })
        {
            var features = randn([images, 60], float64);
            alignment.Add(features, features.matmul(map.t()) + 4 * randn([images, 4], float64));
        }

        var (_, ridge, rSquared) = few.Solve();
        Assert.InRange(ridge, 1e-2, 1);
        Assert.InRange(rSquared, 0.02, 0.95);
        Assert.Equal(1e-10, plenty.Solve().Ridge);
    }

    [Fact]
    public void Solve_TooFewOrConstantOrInfiniteFeatures_IsRefused()
    {
        Assert.Contains("at least 10 vanilla images", Error(ones([5, 3]), randn([5, 3])));
        Assert.Contains("found a constant one", Error(randn([50, 3]), ones([50, 3])));
        Assert.Contains("found a constant one", Error(randn([50, 3]), 1000 + 1e-4 * randn([50, 3])));
        Assert.Contains("found constant ones", Error(zeros([50, 3]), randn([50, 3])));
        Assert.Contains("found constant ones", Error(1000 + 1e-4 * randn([50, 3]), randn([50, 3])));
        Assert.Contains("expected finite numbers", Error(randn([50, 3]), randn([50, 3]) / 0));

        static string Error(Tensor marking, Tensor tested)
        {
            using var alignment = new LeastSquaresAlignment(3, 3);
            alignment.Add(marking, tested);
            return Assert.Throws<IsotopeException>(() => alignment.Solve()).Message;
        }
    }

    [Fact]
    public void Add_AnyNumberOfBatches_KeepsNoTensorsButItsSums()
    {
        using var alignment = new LeastSquaresAlignment(64, 32);
        var batch = randn([100, 64]);
        var tested = randn([100, 32]);
        alignment.Add(batch, tested);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 500; i++) alignment.Add(batch, tested);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.Equal(50_100, alignment.Images);
    }
}
