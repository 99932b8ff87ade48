using System.Text.RegularExpressions;

namespace Isotope.Networks.Architectures;

/// <summary>An architecture compared with a state dict whose tensors are named in some way.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Naming">How the file's names become ours.</param>
/// <param name="Classes">Number of classes by the final layer in the state dict; null if it has none.</param>
/// <param name="Agreeing">Number of tensors before the final layer with the same name and shape.</param>
/// <param name="Differences">One line for each tensor that differs; none if the state dict fits.</param>
internal sealed partial record Fit(Architecture Architecture, Naming Naming, int? Classes, int Agreeing, IReadOnlyList<string> Differences)
{
    /// <summary>What the network takes, unless the file states it.</summary>
    public InputSpec Input => Naming.Input(Architecture.Input);

    /// <summary>
    /// The architectures that a state dict fits by the first naming by which it fits any; else all, each by the naming that suits it best.
    /// </summary>
    public static IReadOnlyList<Fit> Of(IReadOnlyDictionary<string, long[]> shapes, IReadOnlyList<Architecture> among)
    {
        var nearest = new Dictionary<Architecture, Fit>(ReferenceEqualityComparer.Instance);
        foreach (var naming in Namings.All)
        {
            if (naming.Rename(shapes) is not { } renamed)
                continue;
            var fits = among.Select(architecture => Of(architecture, naming, renamed)).ToList();
            if (fits.FindAll(fit => fit.Differences.Count == 0) is [_, ..] exact)
                return exact;
            foreach (var fit in fits.Where(fit => !nearest.TryGetValue(fit.Architecture, out var best) || fit.IsNearerThan(best)))
                nearest[fit.Architecture] = fit;
        }

        return [.. among.Where(nearest.ContainsKey).Select(architecture => nearest[architecture])];
    }

    private bool IsNearerThan(Fit other) => (Agreeing, -Differences.Count).CompareTo((other.Agreeing, -other.Differences.Count)) > 0;

    private static Fit Of(Architecture architecture, Naming naming, IReadOnlyDictionary<string, long[]> renamed)
    {
        if (OtherHead(architecture, renamed) is { } head)
        {
            naming = naming.WithHead(head, architecture.HeadName);
            renamed = renamed.ToDictionary(tensor => OfHead(tensor.Key), tensor => tensor.Value);
        }

        var classes = architecture.ClassesIn(renamed);
        var expected = architecture.Shapes(classes ?? 1);
        var agreeing = expected.Count(tensor =>
            !tensor.Key.StartsWith($"{architecture.HeadName}.", StringComparison.Ordinal)
            && renamed.TryGetValue(tensor.Key, out var shape)
            && shape.SequenceEqual(tensor.Value)
        );
        return new Fit(architecture, naming, classes, agreeing, WeightLoader.Differences(expected, renamed));

        string OfHead(string name) =>
            name == $"{head}.weight" || name == $"{head}.bias" ? $"{architecture.HeadName}{name[head.Length..]}" : name;
    }

    /// <summary>The only other final linear layer by its name, if the one that the architecture expects is missing.</summary>
    private static string? OtherHead(Architecture architecture, IReadOnlyDictionary<string, long[]> shapes)
    {
        if (shapes.ContainsKey($"{architecture.HeadName}.weight"))
            return null;
        var known = architecture.Shapes(1);
        var found = shapes
            .Where(tensor => tensor.Value.Length == 2 && !known.ContainsKey(tensor.Key))
            .Select(tensor => HeadWeight().Match(tensor.Key))
            .Where(match => match.Success);
        return found.Take(2).ToArray() is [var only] ? only.Groups[1].Value : null;
    }

    /// <summary>Names that people give the final layer, alone or, behind a dropout, in a sequence.</summary>
    [GeneratedRegex(
        @"^((?:fc|linear|classifier|head|heads|cls_head|last_linear|logits|output)(?:\.(?:fc|head|linear|classifier|[0-9]))?)\.weight$",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex HeadWeight();
}
