using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// Weights of how much each pixel may change unseen: near 1 in textured areas, down to <see cref="InFlatAreas"/> in smooth ones. They
/// follow the noise visibility function 1 / (1 + σ²/σ₀²) of the local variance σ² (Voloshynovskiy et al. 2000).
/// </summary>
internal static class PerceptualMask
{
    /// <summary>The weight in an area without any texture.</summary>
    public const double InFlatAreas = 0.25;

    /// <summary>The standard deviation σ₀ at which half of a change is visible, grey levels.</summary>
    private const double HalfVisible = 6;
    private const int Window = 5;

    /// <summary>The weights, 1 × H × W, of a C × H × W image in grey levels.</summary>
    public static Tensor Of(Tensor image)
    {
        using var scope = NewDisposeScope();
        var grey = image.mean([0], keepdim: true).unsqueeze(0);
        var variance = (Mean(grey.Squared()) - Mean(grey).Squared()).AtLeast(0).squeeze(0);
        var visibility = variance.Over(HalfVisible * HalfVisible).Plus(1).reciprocal();
        return visibility.Times(1 - InFlatAreas).From(1).MoveToOuterDisposeScope();
    }

    /// <summary>The mean over a window, or over the part of it inside the image.</summary>
    private static Tensor Mean(Tensor grey) =>
        nn.functional.avg_pool2d(grey, Window, stride: 1, padding: Window / 2, count_include_pad: false);
}
