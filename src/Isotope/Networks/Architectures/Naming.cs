using System.Globalization;
using System.Text.RegularExpressions;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The names that another library gives the tensors of our architectures, as rules that turn them into ours. Rules are applied one after
/// the other. <c>$1+2</c> adds to a number; what becomes the empty text is not needed. A suffix says that a tensor is a part of ours or has
/// another shape: <c>#1/3</c>, <c>#2/3</c> and <c>#3/3</c> of the rows, <c>#column</c>, <c>#matrix</c>.
/// </summary>
internal sealed partial class Naming
{
    private readonly (Regex Pattern, string Replacement)[] rules;

    // Names come from untrusted files: matching takes time linear in their length.
    public Naming(params (string Pattern, string Replacement)[] rules) =>
        this.rules = [
            .. rules.Select(rule =>
                (new Regex(rule.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), rule.Replacement)
            ),
        ];

    private Naming((Regex, string)[] rules) => this.rules = rules;

    /// <summary>What the library usually feeds to its networks, where that is not the architecture's own input.</summary>
    public Func<InputSpec, InputSpec> Input { get; init; } = input => input;

    /// <summary>The same with one more rule, for a final linear layer of another name.</summary>
    public Naming WithHead(string theirs, string ours) =>
        new([.. rules, (new Regex($@"^{Regex.Escape(theirs)}\.(weight|bias)$", RegexOptions.CultureInvariant), $"{ours}.$1")])
        {
            Input = Input,
        };

    /// <summary>The same for names behind a prefix, such as <c>module.</c>.</summary>
    public Naming After(string prefix) =>
        prefix.Length == 0
            ? this
            : new([(new Regex($"^{Regex.Escape(prefix)}", RegexOptions.CultureInvariant), ""), .. rules]) { Input = Input };

    /// <summary>Whether it gives any of these names another one. Names that the first rule to match leaves alone match none.</summary>
    public bool Changes(IReadOnlyList<string> names) => Array.Exists(rules, rule => names.Any(rule.Pattern.IsMatch));

    /// <summary>Where the tensor of this name belongs; null if it is not needed.</summary>
    public Place? PlaceOf(string name)
    {
        if (rules.Length == 0)
            return new Place(name, TensorPart.Whole);
        var renamed = rules.Aggregate(name, (text, rule) => rule.Pattern.Replace(text, rule.Replacement));
        if (renamed == name)
            return new Place(name, TensorPart.Whole);
        var parts = Sum().Replace(renamed, Added).Split('#');
        return parts[0].Length == 0 ? null : new Place(parts[0], parts.Length == 1 ? TensorPart.Whole : PartOf(parts[^1]));
    }

    /// <summary>Shapes by our names; null if two tensors would get the same name, or a third has no siblings of its shape.</summary>
    public IReadOnlyDictionary<string, long[]>? Rename(IReadOnlyDictionary<string, long[]> shapes)
    {
        var places = shapes.Select(item => (Place: PlaceOf(item.Key), Shape: item.Value)).Where(item => item.Place is not null);
        var renamed = new Dictionary<string, long[]>();
        foreach (var tensor in places.GroupBy(item => item.Place!.Value.Name))
        {
            var all = tensor.Select(item => (item.Place!.Value.Part, Shape: item.Place.Value.Shape(item.Shape))).ToArray();
            if (!IsComplete([.. all.Select(item => item.Part).Order()]) || all.Any(item => !item.Shape.SequenceEqual(all[0].Shape)))
                return null;
            renamed.Add(tensor.Key, all[0].Shape);
        }

        return renamed;
    }

    private static bool IsComplete(TensorPart[] parts) =>
        parts is [TensorPart.Whole or TensorPart.Column or TensorPart.Matrix] or [TensorPart.First, TensorPart.Second, TensorPart.Third];

    private static TensorPart PartOf(string suffix) =>
        suffix switch
        {
            "1/3" => TensorPart.First,
            "2/3" => TensorPart.Second,
            "3/3" => TensorPart.Third,
            "column" => TensorPart.Column,
            "matrix" => TensorPart.Matrix,
            _ => TensorPart.Whole,
        };

    private static string Added(Match sum)
    {
        var (number, added) = (Number(sum.Groups[1].Value), Number(sum.Groups[3].Value));
        return (sum.Groups[2].Value == "+" ? number + added : number - added).ToString(CultureInfo.InvariantCulture);

        static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("([0-9]{1,4})([+-])([0-9]{1,2})", RegexOptions.NonBacktracking)]
    private static partial Regex Sum();
}
