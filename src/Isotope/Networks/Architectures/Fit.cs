using System.Text.RegularExpressions;

namespace Isotope.Networks.Architectures;

/// <summary>An architecture compared with a state dict whose tensors are named in some way.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Naming">How the file's names become ours.</param>
/// <param name="Classes">Number of classes by the final layer in the state dict; null if it has none.</param>
/// <param name="Agreeing">Number of tensors before the final layer with the same name and shape.</param>
/// <param name="Differences">One line for each tensor that differs; none if the state dict fits.</param>
/// <param name="Prefix">What names begin with, such as <c>module.</c>; names without it may belong to the final layer, or are left
/// over.</param>
internal sealed partial record Fit(
    Architecture Architecture,
    Naming Naming,
    int? Classes,
    int Agreeing,
    IReadOnlyList<string> Differences,
    string Prefix = ""
)
{
    /// <summary>A network under a prefix has at least this share of the tensors: there may be three or four copies.</summary>
    private const double LeastShare = 0.2;

    /// <summary>Prefixes that are tried; those with most tensors first.</summary>
    private const int MostPrefixes = 12;

    /// <summary>Letters; hostile names are long and full of dots.</summary>
    private const int LongestPrefix = 128;

    /// <summary>Whether all is there but a final linear layer.</summary>
    public bool IsHeadless => Classes is null && Differences.Count == 0;

    /// <summary>What the network takes, unless the file states it.</summary>
    public InputSpec Input => Naming.Input(Architecture.Input);

    /// <summary>
    /// The architectures that a state dict fits by the first naming by which it fits any, under each prefix under which it fits any: first
    /// with a final layer, else without. If it fits none, all of them, each by the naming that suits it best.
    /// </summary>
    public static IReadOnlyList<Fit> Of(IReadOnlyDictionary<string, long[]> shapes, IReadOnlyList<Architecture> among)
    {
        var nearest = new Dictionary<Architecture, Fit>(ReferenceEqualityComparer.Instance);
        List<Fit> fitting = [];
        foreach (var prefix in Prefixes(shapes))
        {
            fitting.AddRange(Under(prefix, shapes, among, nearest));
            if (prefix.Length == 0 && fitting.Exists(fit => !fit.IsHeadless))
                return fitting;
        }

        if (fitting.FindAll(fit => !fit.IsHeadless) is [_, ..] whole)
            return whole;
        return fitting.Count > 0 ? fitting : [.. among.Where(nearest.ContainsKey).Select(architecture => nearest[architecture])];
    }

    private static List<Fit> Under(
        string prefix,
        IReadOnlyDictionary<string, long[]> shapes,
        IReadOnlyList<Architecture> among,
        Dictionary<Architecture, Fit> nearest
    )
    {
        List<Fit> headless = [];
        string[] names = [.. shapes.Keys.Select(name => name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name)];
        var ours = Namings.All[0];
        foreach (var naming in Namings.All.Where(naming => naming == ours || naming.Changes(names)).Select(naming => naming.After(prefix)))
        {
            if (naming.Rename(shapes) is not { } renamed)
                continue;
            var fits = among.Select(architecture => Of(architecture, naming, renamed) with { Prefix = prefix }).ToList();
            var exact = fits.FindAll(fit => fit.Differences.Count == 0);
            if (exact.FindAll(fit => !fit.IsHeadless) is [_, ..] whole)
                return whole;
            if (headless.Count == 0)
                headless = exact;
            foreach (var fit in fits.Where(fit => !nearest.TryGetValue(fit.Architecture, out var best) || fit.IsNearerThan(best)))
                nearest[fit.Architecture] = fit;
        }

        return headless;
    }

    /// <summary>None, and the beginnings, up to a dot, that many names share.</summary>
    private static IEnumerable<string> Prefixes(IReadOnlyDictionary<string, long[]> shapes)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in shapes.Keys)
            for (var dot = name.IndexOf('.'); dot >= 0 && dot < LongestPrefix; dot = name.IndexOf('.', dot + 1))
                counts[name[..(dot + 1)]] = counts.GetValueOrDefault(name[..(dot + 1)]) + 1;
        var common = counts.Where(prefix => prefix.Value >= LeastShare * shapes.Count);
        return ["", .. common.OrderByDescending(prefix => prefix.Value).Take(MostPrefixes).Select(prefix => prefix.Key)];
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
        var expected = Expected(architecture, classes, renamed);
        renamed = WithoutLeftovers(renamed, expected);
        var agreeing = expected.Count(tensor =>
            !IsOfHead(architecture, tensor.Key) && renamed.TryGetValue(tensor.Key, out var shape) && shape.SequenceEqual(tensor.Value)
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

    private static bool IsOfHead(Architecture architecture, string name) =>
        name.StartsWith($"{architecture.HeadName}.", StringComparison.Ordinal);

    /// <summary>What a file of these tensors should hold: a final layer, if it has any of one, and its bias, if it has that.</summary>
    private static IReadOnlyDictionary<string, long[]> Expected(
        Architecture architecture,
        int? classes,
        IReadOnlyDictionary<string, long[]> shapes
    )
    {
        var expected = architecture.Shapes(classes ?? 1);
        var bias = $"{architecture.HeadName}.bias";
        if (shapes.ContainsKey(bias))
            return expected;
        var isHeadless = classes is null && !shapes.Keys.Any(name => IsOfHead(architecture, name));
        return expected.Where(tensor => tensor.Key != bias && !(isHeadless && IsOfHead(architecture, tensor.Key))).ToDictionary();
    }

    /// <summary>
    /// The tensors without those of other modules, such as a loss or an average's counter: no part of the architecture begins with their
    /// first word.
    /// </summary>
    private static Dictionary<string, long[]> WithoutLeftovers(
        IReadOnlyDictionary<string, long[]> shapes,
        IReadOnlyDictionary<string, long[]> expected
    )
    {
        var parts = expected.Keys.Select(FirstWord).ToHashSet(StringComparer.Ordinal);
        return shapes.Where(tensor => parts.Contains(FirstWord(tensor.Key))).ToDictionary();

        // Without its number: layer4 is no leftover of a network with three.
        static string FirstWord(string name) => name.Split('.', 2)[0].TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
    }

    /// <summary>Names that people give the final layer, alone or, behind a dropout, in a sequence.</summary>
    [GeneratedRegex(
        @"^((?:fc|linear|classifier|head|heads|cls_head"
            + @"|last_linear|last_layer|logits|output|out|score|cls|clf|fc_out|fc_cls|classification_head|final"
            + @")(?:\.(?:fc|head|linear|classifier|[0-9]))?)\.weight$",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex HeadWeight();
}
