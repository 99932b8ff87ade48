using System.Net.Http.Headers;
using System.Text;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>A header with a secret, from an environment variable. No message shows its value.</summary>
internal readonly record struct SecretHeader(string Name, string Value)
{
    private const int LongWord = 6;
    private const string Scheme = "Bearer";

    /// <summary>Reads <c>Name: value</c> from a variable.</summary>
    /// <exception cref="IsotopeException">The variable is missing or holds something else.</exception>
    public static SecretHeader Read(string variable)
    {
        var line =
            Environment.GetEnvironmentVariable(variable)
            ?? throw new IsotopeException($"--header-env {variable}: expected an environment variable of this name, found none");
        var colon = line.IndexOf(':');
        var name = colon < 0 ? "" : line[..colon];
        var value = line[(colon + 1)..].Trim();
        if (!IsName(name) || value.Length == 0 || line.Any(char.IsControl))
            throw new IsotopeException(
                $"--header-env {variable}: expected one line such as 'Authorization: Bearer …' in this variable, found something else"
            );
        return new SecretHeader(name, value);
    }

    private static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Adds it to the headers of every request.</summary>
    public void AddTo(HttpRequestHeaders headers) => headers.TryAddWithoutValidation(Name, Value);

    /// <summary>Length of the value in UTF-8.</summary>
    public int Bytes => Encoding.UTF8.GetByteCount(Value);

    /// <summary>
    /// A text from the server, cut where it repeats the secret or a long word of it (such as the token of <c>Bearer …</c>).
    /// </summary>
    public string Censor(string text)
    {
        var words = Value.Split([' ', ';', ',', '='], StringSplitOptions.RemoveEmptyEntries);
        foreach (var secret in words.Where(word => word.Length >= LongWord && word != Scheme).Prepend(Value))
        {
            var at = text.IndexOf(secret, StringComparison.Ordinal);
            if (at >= 0)
                text = $"{text[..at]}…";
        }

        return text;
    }

    /// <summary>The name only.</summary>
    public override string ToString() => Name;
}
