using System.CommandLine;
using System.Text;
using Isotope.Carriers;

namespace Isotope.Cli.Terminal;

/// <summary>
/// The passphrase of a key: from a variable or a file that an option names, else asked for; never an argument, which others see.
/// </summary>
internal sealed class PassphraseInput(TextWriter error) : OptionGroup
{
    private readonly Option<string?> variable = new("--passphrase-env")
    {
        Description = "Environment variable that holds the key's passphrase (default: it is asked for where the key has one)",
        HelpName = "NAME",
    };
    private readonly Option<string?> file = new("--passphrase-file")
    {
        Description = "File whose first line is the key's passphrase",
        HelpName = "FILE",
    };
    private string? known;

    public override IReadOnlyList<Option> Options => [variable, file];

    /// <summary>Whether an option names a passphrase.</summary>
    public bool IsGiven(ParseResult parsed) => (parsed.GetValue(variable) ?? parsed.GetValue(file)) is not null;

    /// <summary>
    /// A key of a file, whose passphrase is asked for once where it has one; one that an option names is looked for in any case.
    /// </summary>
    /// <exception cref="IsotopeException">An option names none that is there.</exception>
    public OwnerKey Key(ParseResult parsed, string path)
    {
        known ??= Named(parsed);
        return new OwnerKey(path, () => Opening(parsed));
    }

    /// <summary>The passphrase that a key file has.</summary>
    /// <exception cref="IsotopeException">None is named, and nobody is there to ask.</exception>
    public string Opening(ParseResult parsed) => known ??= Named(parsed) ?? Ask("Passphrase: ");

    /// <summary>The passphrase that a key file gets: asked for twice.</summary>
    /// <exception cref="IsotopeException">As <see cref="Opening"/>; or the two differ.</exception>
    public string Closing(ParseResult parsed)
    {
        if (Named(parsed) is { } named)
            return named;
        var passphrase = Ask("New passphrase: ");
        return Ask("The same again: ") == passphrase
            ? passphrase
            : throw new IsotopeException("passphrase: expected the same twice, found two");
    }

    private string? Named(ParseResult parsed)
    {
        if (parsed.GetValue(variable) is { } name)
            return Checked($"--passphrase-env {name}", Environment.GetEnvironmentVariable(name));
        if (parsed.GetValue(file) is not { } path)
            return null;
        try
        {
            return Checked($"--passphrase-file {path}", File.ReadLines(path).FirstOrDefault());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"--passphrase-file {path}: expected a readable file: {e.Message}", e);
        }
    }

    private static string Checked(string source, string? passphrase) =>
        string.IsNullOrEmpty(passphrase) ? throw new IsotopeException($"{source}: expected a passphrase, found none") : passphrase;

    private string Ask(string prompt)
    {
        if (Console.IsInputRedirected)
            throw new IsotopeException(
                "passphrase: expected --passphrase-env or --passphrase-file where there is no terminal to ask on, found neither"
            );
        error.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        error.WriteLine();
        return Checked("passphrase", typed.ToString());
    }
}
