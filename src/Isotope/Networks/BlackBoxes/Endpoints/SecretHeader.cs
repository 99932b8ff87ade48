using System.Net.Http.Headers;
using System.Text;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>A header with a secret, from an environment variable. No message holds its value.</summary>
internal readonly record struct SecretHeader(string Name, string Value)
{
    private const int LongWord = 6;
    private const string Scheme = "Bearer";

    /// <summary>Reads <c>Name: value</c> from a variable.</summary>
    /// <exception cref="IsotopeException">The variable is missing, or holds something else.</exception>
    public static SecretHeader Read(string variable)
    {
        var line =
            Environment.GetEnvironmentVariable(variable)
            ?? throw new IsotopeException($"--header-env {variable}: expected an environment variable of this name, found none");
        var colon = line.IndexOf(':');
        if (
            colon <= 0
            || line.Any(char.IsControl)
            || line[..colon].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            || line[(colon + 1)..].Trim().Length == 0
        )
            throw new IsotopeException(
                $"--header-env {variable}: expected one line such as 'Authorization: Bearer …' in this variable, found something else"
            );
        return new SecretHeader(line[..colon], line[(colon + 1)..].Trim());
    }

    /// <summary>Sends it with every request.</summary>
    public void AddTo(HttpRequestHeaders headers) => headers.TryAddWithoutValidation(Name, Value);

    /// <summary>How much longer than what is shown a text must be when it is censored, since half a secret is not found.</summary>
    public int Bytes => Encoding.UTF8.GetByteCount(Value);

    /// <summary>
    /// A text of the server's up to the secret or a long word of it (the token of <c>Bearer …</c>), should it have been so kind to repeat
    /// it.
    /// </summary>
    public string Censor(string text)
    {
        foreach (
            var secret in Value
                .Split([' ', ';', ',', '='], StringSplitOptions.RemoveEmptyEntries)
                .Where(word => word.Length >= LongWord && word != Scheme)
                .Prepend(Value)
        )
            if (text.IndexOf(secret, StringComparison.Ordinal) is var at && at >= 0)
                text = $"{text[..at]}…";
        return text;
    }

    /// <summary>The name alone.</summary>
    public override string ToString() => Name;
}
