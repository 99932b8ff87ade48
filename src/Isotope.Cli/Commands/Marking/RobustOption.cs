using System.CommandLine;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>--robust</c>: distortions that the mark survives, with commas between.</summary>
internal sealed class RobustOption : Option<string?>
{
    private static readonly Dictionary<string, Distortions> Names = new(StringComparer.Ordinal)
    {
        ["jpeg"] = Distortions.Jpeg,
        ["resize"] = Distortions.Resize,
    };

    public RobustOption()
        : base("--robust")
    {
        Description =
            "What the mark shall survive before somebody trains on it: JPEG of quality 75 to 95, a reduction to half the size, or both";
        HelpName = string.Join(',', Names.Keys);
    }

    /// <exception cref="IsotopeException">A name is unknown.</exception>
    public Distortions Read(ParseResult parsed)
    {
        var all = Distortions.None;
        foreach (var name in parsed.GetValue(this)?.Split(',') ?? [])
            all |= Find(name);
        return all;
    }

    private static Distortions Find(string name) =>
        Names.TryGetValue(name, out var distortion)
            ? distortion
            : throw new IsotopeException(
                $"--robust: expected {string.Join(" or ", Names.Keys)}, or several with commas between, found '{name}'"
            );
}
