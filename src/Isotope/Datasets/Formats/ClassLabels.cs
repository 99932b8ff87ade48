using System.Globalization;

namespace Isotope.Datasets.Formats;

/// <summary>Turns the labels of a format into indices and names of classes.</summary>
internal static class ClassLabels
{
    private const int MaxClasses = 100_000;

    /// <summary>
    /// Takes labels in text. If all are numbers, they are indices, and also the names of the classes; otherwise they are names, in ordinal
    /// order.
    /// </summary>
    /// <param name="root">What errors call the dataset.</param>
    /// <param name="texts">The label of each image.</param>
    /// <param name="names">The names of the classes that numbers stand for; null if unknown.</param>
    /// <exception cref="IsotopeException">A number is out of range, or an image has no label.</exception>
    public static (IReadOnlyList<string> ClassNames, IReadOnlyList<int> Labels) Of(
        string root,
        IReadOnlyList<string> texts,
        IReadOnlyList<string>? names = null
    )
    {
        if (texts.Index().FirstOrDefault(text => text.Item.Length == 0) is { Item: not null } empty)
            throw new IsotopeException($"{root}: expected a label of each image, found none of image {empty.Index + 1}");
        long?[] numbers = [.. texts.Select(Number)];
        if (numbers.All(number => number is not null))
            return Of(root, [.. numbers.Select(number => number!.Value)], names);
        string[] found = [.. texts.Distinct().Order(StringComparer.Ordinal)];
        var indices = found.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        return (found, [.. texts.Select(text => indices[text])]);

        // Tools that know missing values write whole numbers as 3.0.
        static long? Number(string text) =>
            long.TryParse(
                text.EndsWith(".0", StringComparison.Ordinal) ? text.AsSpan()[..^2] : text,
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var number
            )
                ? number
                : null;
    }

    /// <summary>
    /// Takes labels that are indices. If two classes have the same name, as ImageNet's two cranes do, the number of the second is added to
    /// its name.
    /// </summary>
    /// <param name="root">What errors call the dataset.</param>
    /// <param name="labels">The label of each image.</param>
    /// <param name="names">The names of the classes; null if unknown, and numbers take their place.</param>
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

    private static string[] Numbers(IReadOnlyList<long> labels)
    {
        var count = labels.Count > 0 ? (int)labels.Max() + 1 : 0;
        return [.. Enumerable.Range(0, count).Select(label => label.ToString(CultureInfo.InvariantCulture))];
    }

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
