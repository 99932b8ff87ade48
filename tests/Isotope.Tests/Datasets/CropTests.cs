using CsCheck;
using Isotope.Datasets;
using Isotope.Numerics;
using TorchSharp;

namespace Isotope.Tests.Datasets;

public sealed class CropTests
{
    [Fact]
    public void Draw_Resized_LiesInsideTheImage() =>
        Gen.Int[1, 500]
            .Select(Gen.Int[1, 500], Gen.Long)
            .Sample(
                (width, height, seed) =>
                {
                    var crop = Crop.Draw(Augmentation.Resized, width, height, 0.875, new RandomStream(seed, "crop"));
                    return crop.Left >= 0
                        && crop.Top >= 0
                        && crop.Width >= 1
                        && crop.Height >= 1
                        && crop.Left + crop.Width <= width
                        && crop.Top + crop.Height <= height;
                }
            );

    [Fact]
    public void Draw_Shift_ExtendsBeyondTheBorderByAnEighthAtMost() =>
        Gen.Int[8, 64]
            .Select(Gen.Long)
            .Sample(
                (size, seed) =>
                {
                    var crop = Crop.Draw(Augmentation.Shift, size, size, 1, new RandomStream(seed, "crop"));
                    return crop.Width == size && crop.Height == size && Math.Abs(crop.Left) <= size / 8 && Math.Abs(crop.Top) <= size / 8;
                }
            );

    [Fact]
    public void Take_ShiftedAndFlipped_MovesPixelsExactly()
    {
        using var scope = torch.NewDisposeScope();
        var image = torch.tensor(Enumerable.Range(1, 16).Select(i => (float)i).ToArray(), [1, 4, 4]);
        var view = Views.Take(image, new Crop(-1, 2, 4, 4, Flip: true), 4);
        float[] expected = [11, 10, 9, 0, 15, 14, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(expected, view.data<float>().ToArray());
    }

    [Fact]
    public void Take_ConstantImage_StaysConstantWhenResized()
    {
        using var scope = torch.NewDisposeScope();
        var view = Views.Take(torch.zeros([3, 50, 40]).Plus(7), new Crop(3, 5, 31, 17, Flip: false), 12);
        Assert.Equal([3, 12, 12], view.shape);
        Assert.All(view.data<float>().ToArray(), value => Assert.Equal(7, value, 1e-4));
    }

    [Theory]
    [InlineData(-3, 4, 20, 17, false)]
    [InlineData(2, 1, 30, 30, true)]
    [InlineData(5, 6, 12, 12, true)]
    public void OfRegion_AnyCrop_HasTheGradientOfTheWholeImage(int left, int top, int width, int height, bool flip)
    {
        using var scope = torch.NewDisposeScope();
        var image = Views.ToTensor(Fixtures.Image(25, 22, 3, 2)).requires_grad_(true);
        var crop = new Crop(left, top, width, height, flip);
        using var region = Views.Region(image, crop).detach().requires_grad_(true);
        var weights = torch.tensor(Enumerable.Range(0, 3 * 12 * 12).Select(i => (float)i).ToArray(), [3, 12, 12]);
        var whole = torch.autograd.grad([(Views.Take(image, crop, 12) * weights).sum()], [image])[0];
        var part = torch.autograd.grad([(Views.OfRegion(region, 25, 22, crop, 12) * weights).sum()], [region])[0];
        Assert.Equal(Views.Region(whole, crop).contiguous().data<float>().ToArray(), part.data<float>().ToArray());
        Assert.Equal(whole.abs().sum().item<float>(), part.abs().sum().item<float>(), 1e-4 * whole.abs().sum().item<float>());
    }

    [Fact]
    public void ToTensor_AndBack_GivesTheSameBytes()
    {
        using var scope = torch.NewDisposeScope();
        var image = Fixtures.Image(9, 5, 3, 2);
        Assert.Equal(image.Pixels, Views.ToBytes(Views.ToTensor(image)));
    }
}
