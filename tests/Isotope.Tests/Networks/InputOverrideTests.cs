using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks;

/// <summary>What a network takes, in words.</summary>
public sealed class InputOverrideTests
{
    private static readonly InputSpec ImageNet = new() { Size = 224, CentreRatio = 0.875 };

    [Theory]
    [InlineData("", "size=224 crop=0.875 norm=imagenet channels=rgb")]
    [InlineData("size=32", "size=32 crop=1 norm=imagenet channels=rgb")]
    [InlineData("size=32 crop=224/256", "size=32 crop=0.875 norm=imagenet channels=rgb")]
    [InlineData("norm=cifar10 channels=bgr", "size=224 crop=0.875 norm=cifar10 channels=bgr")]
    [InlineData("mean=0.5 std=0.5", "size=224 crop=0.875 norm=half channels=rgb")]
    [InlineData("mean=0.5,0.4,0.3 std=1,2,3", "size=224 crop=0.875 mean=0.5,0.4,0.3 std=1,2,3 channels=rgb")]
    [InlineData("range=255", "size=224 crop=0.875 norm=0..255 channels=rgb")]
    [InlineData("range=255 mean=127.5 std=127.5", "size=224 crop=0.875 norm=half channels=rgb")]
    public void Parse_Words_AreApplied(string words, string expected)
    {
        var input = InputOverride.Parse(words).Apply(ImageNet);
        Assert.Equal(expected, $"{input}");
        Assert.Equal(expected, $"{InputOverride.Parse(expected).Apply(new InputSpec { Size = 8 })}");
    }

    [Theory]
    [InlineData("size=7")]
    [InlineData("size=many")]
    [InlineData("crop=0")]
    [InlineData("crop=1.1")]
    [InlineData("crop=x")]
    [InlineData("mean=1,2")]
    [InlineData("mean=1,nan,2")]
    [InlineData("std=0")]
    [InlineData("norm=unknown")]
    [InlineData("range=2")]
    [InlineData("range=255 norm=half")]
    [InlineData("channels=grb")]
    [InlineData("32")]
    public void Parse_SomethingElse_IsRefused(string words) => Assert.Throws<IsotopeException>(() => InputOverride.Parse(words));

    [Fact]
    public void Features_OfBlueGreenRed_AreThoseOfReversedImages()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var views = rand([2, 3, 16, 16]).Times(255);
        var expected = network.Features(views.flip(1));
        network.TakeInput(network.Input with { Mean = [.. network.Input.Mean.Reverse()], Std = [.. network.Input.Std.Reverse()] });
        network.TakeInput(network.Input with { Channels = ChannelOrder.Bgr });
        Assert.True(network.Features(views).allclose(expected, atol: 1e-5));
    }
}
