using System.CommandLine;
using Isotope.Datasets;

namespace Isotope.Cli.Commands;

/// <summary>Options whose values are names.</summary>
internal static class Choices
{
    private static readonly Dictionary<string, Augmentation> Augmentations = new(StringComparer.Ordinal)
    {
        ["centre"] = Augmentation.Centre, ["shift"] = Augmentation.Shift, ["resized"] = Augmentation.Resized,
    };

    /// <summary>The option for views.</summary>
    public static Option<Augmentation> OfAugmentation(string description) => Of("--augment", description, Augmentations, "shift");

    /// <summary>An option that takes one of some names.</summary>
    public static Option<T> Of<T>(string name, string description, IReadOnlyDictionary<string, T> values, string defaultName)
    {
        var option = new Option<T>(name)
        {
            Description = $"{description}: {string.Join(", ", values.Keys)} (default {defaultName})",
            HelpName = string.Join('|', values.Keys),
            DefaultValueFactory = _ => values[defaultName],
            CustomParser = result => values.GetValueOrDefault(result.Tokens[0].Value)!,
        };
        option.AcceptOnlyFromAmong([.. values.Keys]);
        return option;
    }
}
