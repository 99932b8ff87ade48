using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Commands.Keys;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Evidence;

/// <summary><c>isotope key open</c>: what is revealed to an expert after a test.</summary>
internal sealed class OpenCommand : IsotopeCommand
{
    private readonly KeyFileArgument file = new();
    private readonly Option<string> output = new("--out") { Description = "File to write, readable by you alone", Required = true };

    public OpenCommand(Session session)
        : base(
            session,
            "open",
            "Write what opens a key's commitment to an expert: carriers and salt, without the secret that images were chosen with",
            "isotope key open owner.key --out opening.json"
        )
    {
        Add(file);
        Add(output);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var key = file.Load(Session, parsed);
        var target = parsed.GetRequiredValue(output);
        KeyFile.SaveOpening(key, target);
        KeyCommand.WriteKey(Session, parsed, key);
        Session.Advise($"{target} holds the carriers: whoever has it can forge or remove the mark");
        return 0;
    }
}
