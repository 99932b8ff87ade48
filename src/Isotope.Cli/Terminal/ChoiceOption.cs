using System.CommandLine;

namespace Isotope.Cli.Terminal;

/// <summary>An option that takes one of a few names, each standing for a value.</summary>
internal class ChoiceOption<T> : Option<string?>
    where T : struct
{
    private readonly (string Name, T Value)[] choices;

    /// <param name="name">The option's name.</param>
    /// <param name="description">What the help says.</param>
    /// <param name="byDefault">Name of the default; null for none.</param>
    /// <param name="choices">In the order of the help.</param>
    public ChoiceOption(string name, string description, string? byDefault, params (string Name, T Value)[] choices)
        : base(name)
    {
        this.choices = choices;
        string[] names = [.. choices.Select(choice => choice.Name)];
        Description = description;
        HelpName = string.Join('|', names);
        if (byDefault is not null)
            DefaultValueFactory = _ => byDefault;
        this.AcceptOnlyFromAmong(names);
    }

    /// <summary>The value chosen, where there is a default.</summary>
    public T Read(ParseResult parsed) => Find(parsed)!.Value;

    /// <summary>The value chosen; null if none was.</summary>
    public T? Find(ParseResult parsed) => parsed.GetValue(this) is { } name ? choices.First(choice => choice.Name == name).Value : null;
}
