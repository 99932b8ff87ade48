using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// Where a change is seen least: near 1 in texture, down to <see cref="InFlatAreas"/> where an image is smooth. After the noise visibility
/// function (Voloshynovskiy et al. 2000): 1 / (1 + σ²/σ₀²) of the local variance σ².
/// </summary>
internal static class PerceptualMask
{
    /// <summary>Weight of a change in an area without any texture.</summary>
    public const double InFlatAreas = 0.25;

    /// <summary>Half of the effect: standard deviation, grey levels.</summary>
    private const double HalfVisible = 6;
    private const int Window = 5;

    /// <summary>The weights of an image C × H × W in grey levels: 1 × H × W.</summary>
    public static Tensor Of(Tensor image)
    {
        using var scope = NewDisposeScope();
        var grey = image.mean([0], keepdim: true).unsqueeze(0);
        var variance = (Mean(grey.Squared()) - Mean(grey).Squared()).AtLeast(0).squeeze(0);
        var visibility = variance.Over(HalfVisible * HalfVisible).Plus(1).reciprocal();
        return visibility.Times(1 - InFlatAreas).From(1).MoveToOuterDisposeScope();
    }

    /// <summary>Mean over a window, at borders over what there is of it.</summary>
    private static Tensor Mean(Tensor grey) =>
        nn.functional.avg_pool2d(grey, Window, stride: 1, padding: Window / 2, count_include_pad: false);
}
