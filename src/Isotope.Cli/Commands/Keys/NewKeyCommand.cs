using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope key new</c>.</summary>
internal sealed class NewKeyCommand : IsotopeCommand
{
    private readonly Option<int> classes = new("--classes") { Description = "Number of classes of the dataset", Required = true };
    private readonly Option<int> dimension = new("--dim")
    {
        Description = "Dimension of the marking network's features (64 for resnet20)",
        Required = true,
    };
    private readonly Option<string> output = new("--out") { Description = "File to write, readable by you alone", Required = true };
    private readonly Option<long?> seed = new("--seed")
    {
        Description = "For experiments only: anyone can make this key. Default: the system's cryptographic generator",
    };
    private readonly EncryptOption encrypt = new();

    public NewKeyCommand(Session session)
        : base(
            session,
            "new",
            "Make a secret key: one random direction (carrier) per class",
            "isotope key new --classes 10 --dim 64 --out owner.key"
        )
    {
        AddOptions(classes, dimension, output, seed, encrypt);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var key = MakeKey(parsed);
        KeyFile.Save(key, parsed.GetRequiredValue(output), encrypt.NewPassphrase(Session, parsed));
        KeyCommand.WriteKey(Session, parsed, key);
        return 0;
    }

    private CarrierKey MakeKey(ParseResult parsed)
    {
        var count = parsed.GetRequiredValue(classes);
        var size = parsed.GetRequiredValue(dimension);
        return parsed.GetValue(seed) is { } given ? CarrierKey.FromSeed(count, size, given) : CarrierKey.Create(count, size);
    }
}
