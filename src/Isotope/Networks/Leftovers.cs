using System.Text.RegularExpressions;
using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;

namespace Isotope.Networks;

/// <summary>Tensors of a file that an architecture has no place for. Some may belong to what the file's own network computes.</summary>
internal static partial class Leftovers
{
    private const int MostDots = 2;

    /// <summary>
    /// Refuses layers that fit between features and classifier or behind the classifier: the network without them gives other answers.
    /// Without a classifier none can be in the way, since features are what comes before.
    /// </summary>
    /// <exception cref="IsotopeException">There is such a layer.</exception>
    public static void RequireHarmless(Fit fit, StateDict weights, IReadOnlyList<string> leftOver, string path)
    {
        if (fit.Classes is not { } classes)
            return;
        var dimension = fit.Architecture.Shapes(classes)[$"{fit.Architecture.HeadName}.weight"][1];
        if (leftOver.FirstOrDefault(name => IsInTheWay(ShortName(name, fit), weights[name].shape, dimension, classes)) is { } found)
            throw new IsotopeException(
                $"{path}: expected a {fit.Architecture.Name} and nothing around its classifier, found {found} of shape "
                    + $"[{string.Join(", ", weights[found].shape)}]; export the model to ONNX or TorchScript (docs/export.md)"
            );
    }

    private static bool IsInTheWay(string name, long[] shape, long dimension, int classes) =>
        name.Count(letter => letter == '.') is > 0 and var dots
        && dots <= MostDots
        && !OfTraining().IsMatch(name)
        && (OfAnswering().IsMatch(name) || Fits(shape, dots, dimension, classes));

    private static bool Fits(long[] shape, int dots, long dimension, int classes) =>
        shape switch
        {
            [var size] => size == dimension && dots == 1, // a norm of the features
            [_, var inputs] => inputs == classes, // a layer behind the classifier
            [_, var inputs, _, _] => inputs == dimension, // a convolution of the last feature map, such as attention
            _ => false,
        };

    private static string ShortName(string name, Fit fit) =>
        name.StartsWith(fit.Prefix, StringComparison.Ordinal) ? name[fit.Prefix.Length..] : name;

    /// <summary>What only training uses.</summary>
    [GeneratedRegex(
        "^[^.]*(loss|criterion|metric|teacher|ema|momentum|proj|predict|decoder|aux|queue|center|attack|discriminator)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex OfTraining();

    /// <summary>Activations, pooling and attention that have weights, such as PReLU and GeM.</summary>
    [GeneratedRegex(
        @"(^|[._])(p?relu|act|activation|[a-z]*pool|pooling|gem|attn|attention|eca|cbam|se|stn)[0-9]*\.",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex OfAnswering();
}
