using Isotope.Detection;
using Isotope.Numerics;
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
        var marking = rand([500, 5], float64).Plus(2);
        var tested = marking.matmul(randn([5, 7], float64)).Plus(randn([500, 7], float64));
        using var alignment = new LeastSquaresAlignment(5, 7);
        foreach (var (a, b) in marking.chunk(3).Zip(tested.chunk(3)))
            alignment.Add(a, b);
        var kept = tensor(Enumerable.Range(0, 500).Select(image => image % 5 == 4).ToArray());
        var map = linalg.lstsq(marking[~kept], tested[~kept]).Solution;
        var residual = (tested[kept] - marking[kept].matmul(map)).Squared().sum().item<double>();
        var variance = (tested[kept] - tested[kept].mean([0], keepdim: true)).Squared().sum().item<double>();
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
            alignment.Add(features, features.matmul(map.t()).Plus(randn([images, 4], float64).Times(4)));
        }

        var (_, ridge, rSquared) = few.Solve();
        Assert.InRange(ridge, 1e-2, 1);
        Assert.InRange(rSquared, 0.02, 0.95);
        Assert.Equal(1e-10, plenty.Solve().Ridge);
    }

    [Fact]
    public void Solve_TwoImagesADimension_IsPlainLeastSquaresAndWithFewerARidgeMayBeChosen()
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        var map = randn([4, 20], float64);
        Assert.Equal(1e-10, Ridge(40));
        Assert.InRange(Ridge(39), 1e-2, 1);

        double Ridge(int images)
        {
            using var alignment = new LeastSquaresAlignment(20, 4);
            var features = randn([images, 20], float64);
            alignment.Add(features, features.matmul(map.t()).Plus(randn([images, 4], float64).Times(10)));
            return alignment.Solve().Ridge;
        }
    }

    [Fact]
    public void Solve_OfARidge_IsTheClosedForm()
    {
        using var scope = NewDisposeScope();
        manual_seed(10);
        var (marking, tested) = (randn([30, 3], float64), randn([30, 2], float64));
        using var sums = new AlignmentSums(3, 2);
        sums.Add(marking.narrow(0, 0, 10), tested.narrow(0, 0, 10));
        sums.Add(marking.narrow(0, 10, 20), tested.narrow(0, 10, 20));
        var gram = marking.t().matmul(marking);
        var expected = linalg
            .inv(gram.Plus(gram.trace().Times(0.1).Over(3) * eye(3, dtype: float64)))
            .matmul(marking.t())
            .matmul(tested)
            .t();
        Assert.True((sums.Solve(0.1) - expected).abs().max().item<double>() < 1e-12);
        var residual = (tested - marking.matmul(expected.t())).Squared().sum().item<double>();
        var variance = (tested - tested.mean([0], keepdim: true)).Squared().sum().item<double>();
        Assert.Equal(1 - residual / variance, sums.RSquared(expected), 1e-12);
    }

    [Fact]
    public void Solve_TooFewOrConstantOrInfiniteFeatures_IsRefused()
    {
        const string ConstantOutput = "tested network: expected output that varies between images, found a constant one";
        const string ConstantFeatures = "marking network: expected features that vary between images, found constant ones";
        const string NoNumbers = "features: expected finite numbers, found others; the checkpoint is damaged or the normalisation wrong";
        Assert.Equal(
            "--images: expected at least 10 vanilla images to align the networks on, found 9",
            Error(randn([9, 3]), randn([9, 3]))
        );
        Assert.Equal(ConstantOutput, Error(randn([50, 3]), ones([50, 3])));
        Assert.Equal(ConstantOutput, Error(randn([50, 3]), randn([50, 3]).Times(1e-4).Plus(1000)));
        Assert.Equal(ConstantFeatures, Error(zeros([50, 3]), randn([50, 3])));
        Assert.Equal(ConstantFeatures, Error(randn([50, 3]).Times(1e-4).Plus(1000), randn([50, 3])));
        Assert.Equal(NoNumbers, Error(randn([50, 3]), randn([50, 3]).Over(0)));
        Assert.Equal(NoNumbers, Error(randn([50, 3]).Over(0), randn([50, 3])));
        using var least = new LeastSquaresAlignment(3, 3);
        least.Add(randn([10, 3]), randn([10, 3]));
        Assert.Equal([3, 3], least.Solve().Map.shape);

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
        for (var i = 0; i < 500; i++)
            alignment.Add(batch, tested);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.Equal(50_100, alignment.Images);
    }
}
