using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope key export</c>.</summary>
internal sealed class ExportKeyCommand : IsotopeCommand
{
    private readonly KeyFileArgument file = new();
    private readonly Option<string> output = new("--out")
    {
        Description = "Tensor to write, readable by you alone; torch.load opens it",
        Required = true,
    };

    public ExportKeyCommand(Session session)
        : base(
            session,
            "export",
            "Write a key's carriers for other tools: a float32 tensor of classes × dimensions, unit rows",
            "isotope key export owner.key --out carriers.pth"
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
        using var carriers = key.ToTensor();
        TorchFile.SavePrivateTensor(target, carriers);
        KeyCommand.WriteKey(Session, parsed, key);
        Session.Advise($"{target} is as secret as the key itself: whoever has it can forge or remove the mark");
        return 0;
    }
}
