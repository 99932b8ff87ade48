using System.Globalization;

namespace Isotope.Networks;

/// <summary>Normalisations that people use, by name. Mean and standard deviation are of pixels scaled to 0…1.</summary>
/// <param name="Name">What <c>norm=NAME</c> calls it.</param>
/// <param name="Mean">Mean of red, green and blue.</param>
/// <param name="Std">Standard deviation of red, green and blue.</param>
internal sealed record Preprocessing(string Name, IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    private const double GreyLevel = 1.0 / 255;

    /// <summary>None: grey levels as they are.</summary>
    public static readonly Preprocessing GreyLevels = new("0..255", [0, 0, 0], [GreyLevel, GreyLevel, GreyLevel]);

    /// <summary>ImageNet's statistics: torchvision's and timm's usual ones.</summary>
    public static readonly Preprocessing ImageNet = new("imagenet", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    /// <summary>All that are known by name. CIFAR-10 has two: the deviation of all pixels, and the mean of the images' own deviations.</summary>
    public static readonly IReadOnlyList<Preprocessing> All =
    [
        ImageNet,
        new("cifar10", [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
        new("cifar10-images", [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
        new("cifar100", [0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761]),
        new("half", [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
        new("clip", [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]),
        new("none", [0, 0, 0], [1, 1, 1]),
        GreyLevels,
        new("caffe", ImageNet.Mean, [GreyLevel, GreyLevel, GreyLevel]),
    ];

    /// <summary>The normalisation of this name.</summary>
    /// <exception cref="IsotopeException">There is none.</exception>
    public static Preprocessing Find(string name) =>
        All.FirstOrDefault(known => known.Name == name)
        ?? throw new IsotopeException($"norm={name}: expected one of {string.Join(", ", All.Select(known => known.Name))}");

    /// <summary>A normalisation in words that <see cref="InputOverride.Parse"/> reads: its name, or else its numbers.</summary>
    public static string Describe(IReadOnlyList<double> mean, IReadOnlyList<double> std)
    {
        var known = All.FirstOrDefault(known => known.Mean.SequenceEqual(mean) && known.Std.SequenceEqual(std));
        return known is not null ? $"norm={known.Name}" : $"mean={Numbers(mean)} std={Numbers(std)}";
    }

    private static string Numbers(IEnumerable<double> numbers) =>
        string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
