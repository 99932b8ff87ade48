using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope key import</c>.</summary>
internal sealed class ImportKeyCommand : IsotopeCommand
{
    private readonly Argument<string> file = new("file")
    {
        Description = "Tensor of floating point that torch.save wrote: classes × dimensions, rows of norm 1",
    };
    private readonly Option<string> output = new("--out") { Description = "Key to write, readable by you alone", Required = true };
    private readonly EncryptOption encrypt = new();

    public ImportKeyCommand(Session session)
        : base(
            session,
            "import",
            "Make a key of carriers that another tool drew; the p-value is exact only if they were drawn at random",
            "isotope key import carriers.pth --out owner.key"
        )
    {
        Add(file);
        AddOptions(output, encrypt);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var source = parsed.GetRequiredValue(file);
        using var carriers = TorchFile.LoadTensor(source);
        var key = CarrierKey.Import(carriers, source);
        KeyFile.Save(key, parsed.GetRequiredValue(output), encrypt.NewPassphrase(Session, parsed));
        KeyCommand.WriteKey(Session, parsed, key);
        return 0;
    }
}
