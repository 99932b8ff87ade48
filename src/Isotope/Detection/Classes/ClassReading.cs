using System.Text.Json.Serialization;

namespace Isotope.Detection.Classes;

/// <summary>How a model's outputs were matched with the owner's classes.</summary>
public enum ClassRule
{
    /// <summary>Output i is class i.</summary>
    Order,

    /// <summary>As the user said.</summary>
    Given,

    /// <summary>By the names of the outputs.</summary>
    Named,

    /// <summary>Found from the outputs on vanilla labelled images.</summary>
    Found,
}

/// <summary>One of the owner's classes in a model's outputs.</summary>
/// <param name="Label">The owner's class.</param>
/// <param name="Outputs">The outputs that stand for it. Empty without a classifier, or if there are none.</param>
/// <param name="Contrast">How much more the class's own images show of it than others do, on held-out images; null if it was not
/// measured.</param>
/// <param name="IsLeftOut">Whether the model does not tell the class, which is then not tested.</param>
public sealed record ReadClass(string Label, IReadOnlyList<int> Outputs, double? Contrast, bool IsLeftOut);

/// <summary>
/// How a model's outputs were read as the owner's classes. It follows from the model, the user's word and vanilla labelled images: the key
/// has no part in it.
/// </summary>
/// <param name="Model">What the model is to the test.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Why">Why this rule, in plain words.</param>
/// <param name="Outputs">How many outputs the model has; 0 for features alone.</param>
/// <param name="Accuracy">Share of held-out images, averaged over classes, that this reading tells rightly; null if it was not
/// measured.</param>
/// <param name="Images">Vanilla labelled images that were looked at; 0 if none.</param>
/// <param name="Ridge">Ridge of the map of features over their mean square; null for a map of outputs.</param>
/// <param name="Classes">The owner's classes.</param>
public sealed record ClassReading(
    string Model,
    ClassRule Rule,
    string Why,
    int Outputs,
    double? Accuracy,
    int Images,
    double? Ridge,
    IReadOnlyList<ReadClass> Classes
)
{
    private const int MostShown = 20;

    /// <summary>The classes that are left out.</summary>
    [JsonIgnore]
    public IEnumerable<string> LeftOut => Classes.Where(c => c.IsLeftOut).Select(c => c.Label);

    /// <summary>What was read, for people.</summary>
    public override string ToString()
    {
        var rule = Rule switch
        {
            ClassRule.Order => "in the order of yours",
            ClassRule.Given => "as --classes says",
            ClassRule.Named => "by their names",
            _ => Outputs > 0 ? $"found in its {Outputs} outputs" : "found in its features",
        };
        var outputs = Rule == ClassRule.Order || Outputs == 0 ? "" : $"; {Listed(Classes.Where(c => !c.IsLeftOut), Entry)}";
        var leftOut = Listed(Classes.Where(c => c.IsLeftOut), c => c.Label);
        var why = Rule == ClassRule.Given ? "" : $", since {Why}";
        return $"Classes of the {Model}: {rule}{why}{outputs}{(leftOut.Length > 0 ? $"; left out: {leftOut}" : "")}.";
    }

    private static string Entry(ReadClass c) => $"{c.Label} ← {string.Join("+", c.Outputs)}";

    private static string Listed(IEnumerable<ReadClass> classes, Func<ReadClass, string> text)
    {
        ReadClass[] all = [.. classes];
        return string.Join(", ", all.Take(MostShown).Select(text)) + (all.Length > MostShown ? $" and {all.Length - MostShown} more" : "");
    }
}
