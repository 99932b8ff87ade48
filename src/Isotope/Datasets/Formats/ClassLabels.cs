using System.Globalization;

namespace Isotope.Datasets.Formats;

/// <summary>Labels as indices of classes.</summary>
internal static class ClassLabels
{
    private const int MaxClasses = 100_000;

    /// <summary>
    /// Labels as texts: numbers, if all are, are indices of classes named by them; other texts are names, in ordinal order.
    /// </summary>
    /// <exception cref="IsotopeException">A number is out of range.</exception>
    public static (IReadOnlyList<string> ClassNames, IReadOnlyList<int> Labels) Of(string root, IReadOnlyList<string> texts)
    {
        int?[] numbers =
        [
            .. texts.Select(text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (int?)number : null
            ),
        ];
        if (numbers.All(number => number is not null))
            return Of(root, [.. numbers.Select(number => (long)number!.Value)], names: null);
        string[] names = [.. texts.Distinct().Order(StringComparer.Ordinal)];
        var indices = names.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        return (names, [.. texts.Select(text => indices[text])]);
    }

    /// <summary>
    /// Labels as indices, with the names of classes where they are known: a name that two classes have gets the number of the second, as
    /// ImageNet's two cranes.
    /// </summary>
    /// <exception cref="IsotopeException">A label is out of range.</exception>
    public static (IReadOnlyList<string> ClassNames, IReadOnlyList<int> Labels) Of(
        string root,
        IReadOnlyList<long> labels,
        IReadOnlyList<string>? names
    )
    {
        var most = names?.Count ?? MaxClasses;
        foreach (var label in labels)
            if (label < 0 || label >= most)
                throw new IsotopeException(
                    string.Create(CultureInfo.InvariantCulture, $"{root}: expected labels of 0 to {most - 1}, found {label}")
                );
        return (names is null ? Numbers(labels) : Distinct(names), [.. labels.Select(label => (int)label)]);
    }

    private static string[] Numbers(IReadOnlyList<long> labels) =>
        [
            .. Enumerable
                .Range(0, labels.Count > 0 ? (int)labels.Max() + 1 : 0)
                .Select(label => label.ToString(CultureInfo.InvariantCulture)),
        ];

    private static string[] Distinct(IReadOnlyList<string> names)
    {
        var taken = names.ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. names.Select((name, label) => seen.Add(name) ? name : Free($"{name} ({label})"))];

        string Free(string name)
        {
            while (!taken.Add(name))
                name += "'";
            return name;
        }
    }
}
