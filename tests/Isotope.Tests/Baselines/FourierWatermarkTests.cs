using Isotope.Baselines;
using Isotope.Carriers;
using Isotope.Datasets;
using static TorchSharp.torch;

namespace Isotope.Tests.Baselines;

public sealed class FourierWatermarkTests : IDisposable
{
    private const int Size = 16;
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(16, 16)]
    [InlineData(15, 17)]
    [InlineData(28, 20)]
    public void Coefficients_OfTheImageOfCoefficients_AreTheSameAndAsLong(int width, int height)
    {
        using var scope = NewDisposeScope();
        var d = FourierWatermark.DimensionOf(width, height, 3);
        var watermark = new FourierWatermark(CarrierKey.FromSeed(2, d, 1), width, height, 3);
        var coefficients = randn([4, d]);
        var images = watermark.FromCoefficients(coefficients);
        Assert.True(watermark.Coefficients(images).allclose(coefficients, atol: 1e-5));
        Assert.True(images.flatten(1).norm(dim: 1).allclose(coefficients.norm(dim: 1), rtol: 1e-4));
    }

    [Fact]
    public void TestImages_MarkedAndVanilla_FindsTheWatermarkWhereItIs()
    {
        var vanilla = Fixtures.WriteFolder(folder.Path, perClass: 30);
        var marked = NewWatermark(1).Mark(vanilla, vanilla.Images.Select(image => image.Id).ToHashSet(), psnr: 40);
        Assert.All(
            marked.Images.Zip(vanilla.Images),
            pair => Assert.InRange(Quality.Compare(pair.Second.Source.Decode(), pair.First.Source.Decode()).Psnr!.Value, 39.5, 41.5)
        );
        Assert.True(NewWatermark(1).TestImages(marked).Log10 < -6);
        Assert.True(NewWatermark(1).TestImages(vanilla).Log10 > -3);
        Assert.True(NewWatermark(2).TestImages(marked).Log10 > -3);
    }

    [Fact]
    public void Tests_ModelsAndImagesThatNeverMetTheKey_AreUniform()
    {
        var vanilla = Fixtures.WriteFolder(folder.Path);
        using var network = Fixtures.RandomNetwork();
        Uniformity.AssertUniform([.. Enumerable.Range(0, 150).Select(seed => NewWatermark(seed).TestImages(vanilla))], "images");
        Uniformity.AssertUniform(
            [.. Enumerable.Range(0, 60).Select(seed => NewWatermark(1000 + seed).TestModel(network, vanilla))],
            "model"
        );
    }

    /// <summary>A classifier that is the carriers themselves: a model that learned nothing else.</summary>
    [Fact]
    public void TestModel_ScoresAlongTheWatermark_AreFound()
    {
        var vanilla = Fixtures.WriteFolder(folder.Path, channels: 3);
        var watermark = NewWatermark(5);
        using var module = new LinearNetwork(watermark.FromCoefficients(CarrierKey.FromSeed(3, Dimension, 5).ToTensor()));
        using var network = new Isotope.Networks.TorchNetwork(
            LinearNetwork.Architecture,
            module,
            LinearNetwork.Architecture.Input,
            device: null
        );
        Assert.True(watermark.TestModel(network, vanilla).Log10 < -20);
        Assert.True(NewWatermark(6).TestModel(network, vanilla).Log10 > -3);
    }

    [Fact]
    public void FourierWatermark_OtherSizes_AreRefused()
    {
        Assert.Contains(
            "dimension",
            Assert.Throws<IsotopeException>(() => new FourierWatermark(CarrierKey.FromSeed(3, 8, 1), Size, Size, 3)).Message
        );
        Assert.Contains(
            "16 × 16 × 3",
            Assert.Throws<IsotopeException>(() => NewWatermark(1).Mark(Fixtures.Image(8, 8, 3, 1), 0, 42)).Message
        );
    }

    private static int Dimension => FourierWatermark.DimensionOf(Size, Size, 3);

    private static FourierWatermark NewWatermark(long seed) => new(CarrierKey.FromSeed(3, Dimension, seed), Size, Size, 3);

    public void Dispose() => folder.Dispose();

    private sealed class LinearNetwork : Isotope.Networks.Architectures.ClassifierModule
    {
        public static readonly Isotope.Networks.Architectures.Architecture Architecture = new(
            "linear",
            "linear",
            new Isotope.Networks.InputSpec { Size = Size },
            (_, _) => throw new NotSupportedException()
        );

        private readonly TorchSharp.Modules.Linear linear;

        public LinearNetwork(Tensor rows)
            : base(nameof(LinearNetwork))
        {
            using var noGradient = no_grad();
            linear = nn.Linear(rows[0].numel(), rows.shape[0]);
            linear.weight!.copy_(rows.flatten(1));
            RegisterComponents();
        }

        public override TorchSharp.Modules.Linear Head => linear;

        public override Tensor Features(Tensor input) => input.flatten(1);
    }
}
