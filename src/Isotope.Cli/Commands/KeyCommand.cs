using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Commands.Evidence;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope key</c>: make, show, import and export keys.</summary>
internal static class KeyCommand
{
    public static Command Create(Session session) =>
        new("key", "Make a secret key, show or publish its public part, or exchange it with other tools")
        {
            New(session),
            Show(session),
            Import(session),
            Export(session),
            Relock(
                session,
                "encrypt",
                "Encrypt a key in its place, with a passphrase; earlier copies and backups stay as they are",
                session.Passphrase.Closing
            ),
            Relock(session, "decrypt", "Take the passphrase off a key", closing: null),
            new CommitCommand(session),
            new OpenCommand(session),
            new VerifyCommitmentCommand(session),
        };

    private static ExampleCommand New(Session session)
    {
        var classes = new Option<int>("--classes") { Description = "Number of classes of the dataset", Required = true };
        var dimension = new Option<int>("--dim")
        {
            Description = "Dimension of the marking network's features (64 for resnet20)",
            Required = true,
        };
        var path = new Option<string>("--out") { Description = "File to write, readable by you alone", Required = true };
        var seed = new Option<long?>("--seed")
        {
            Description = "For experiments only: anyone can make this key. Default: the system's cryptographic generator",
        };
        var encrypt = EncryptOption();
        var command = new ExampleCommand(
            "new",
            "Make a secret key: one random direction (carrier) per class",
            "isotope key new --classes 10 --dim 64 --out owner.key"
        )
        {
            classes,
            dimension,
            path,
            seed,
            encrypt,
        };
        session.Passphrase.AddTo(command);
        command.SetAction(parsed =>
        {
            var (count, size) = (parsed.GetRequiredValue(classes), parsed.GetRequiredValue(dimension));
            var key = parsed.GetValue(seed) is { } given ? CarrierKey.FromSeed(count, size, given) : CarrierKey.Create(count, size);
            KeyFile.Save(key, parsed.GetRequiredValue(path), NewPassphrase(session, parsed, encrypt));
            WriteKey(session, parsed, key);
            return 0;
        });
        return command;
    }

    private static ExampleCommand Show(Session session)
    {
        var path = new Argument<string>("file") { Description = "Key file" };
        var command = new ExampleCommand(
            "show",
            "Show the public part of a key: sizes, origin, commitment; never a secret",
            "isotope key show owner.key"
        )
        {
            path,
        };
        session.Passphrase.AddTo(command);
        command.SetAction(parsed =>
        {
            WriteKey(session, parsed, session.Passphrase.Key(parsed, parsed.GetRequiredValue(path)).LoadForTest());
            return 0;
        });
        return command;
    }

    private static ExampleCommand Import(Session session)
    {
        var file = new Argument<string>("file")
        {
            Description = "Tensor of floating point that torch.save wrote: classes × dimensions, rows of norm 1",
        };
        var output = new Option<string>("--out") { Description = "Key to write, readable by you alone", Required = true };
        var encrypt = EncryptOption();
        var command = new ExampleCommand(
            "import",
            "Make a key of carriers that another tool drew; the p-value is exact only if they were drawn at random",
            "isotope key import carriers.pth --out owner.key"
        )
        {
            file,
            output,
            encrypt,
        };
        session.Passphrase.AddTo(command);
        command.SetAction(parsed =>
        {
            var source = parsed.GetRequiredValue(file);
            using var carriers = TorchFile.LoadTensor(source);
            var key = CarrierKey.Import(carriers, source);
            KeyFile.Save(key, parsed.GetRequiredValue(output), NewPassphrase(session, parsed, encrypt));
            WriteKey(session, parsed, key);
            return 0;
        });
        return command;
    }

    private static ExampleCommand Export(Session session)
    {
        var path = new Argument<string>("file") { Description = "Key file" };
        var output = new Option<string>("--out")
        {
            Description = "Tensor to write, readable by you alone; torch.load opens it",
            Required = true,
        };
        var command = new ExampleCommand(
            "export",
            "Write a key's carriers for other tools: a float32 tensor of classes × dimensions, unit rows",
            "isotope key export owner.key --out carriers.pth"
        )
        {
            path,
            output,
        };
        session.Passphrase.AddTo(command);
        command.SetAction(parsed =>
        {
            var (key, target) = (session.Passphrase.Key(parsed, parsed.GetRequiredValue(path)).Load(), parsed.GetRequiredValue(output));
            using var carriers = key.ToTensor();
            TorchFile.SavePrivateTensor(target, carriers);
            WriteKey(session, parsed, key);
            session.Advise($"{target} is as secret as the key itself: whoever has it can forge or remove the mark");
            return 0;
        });
        return command;
    }

    private static ExampleCommand Relock(Session session, string name, string description, Func<ParseResult, string>? closing)
    {
        var path = new Argument<string>("file") { Description = "Key file" };
        var command = new ExampleCommand(name, description, $"isotope key {name} owner.key") { path };
        session.Passphrase.AddTo(command);
        command.SetAction(parsed =>
        {
            WriteKey(
                session,
                parsed,
                KeyFile.Relock(
                    parsed.GetRequiredValue(path),
                    () => session.Passphrase.Opening(parsed),
                    closing is null ? null : () => closing(parsed)
                )
            );
            return 0;
        });
        return command;
    }

    private static Option<bool> EncryptOption() =>
        new("--encrypt") { Description = "Encrypt the file with a passphrase; naming one by an option does so too" };

    private static string? NewPassphrase(Session session, ParseResult parsed, Option<bool> encrypt) =>
        parsed.GetValue(encrypt) || session.Passphrase.IsGiven(parsed) ? session.Passphrase.Closing(parsed) : null;

    internal static void WriteKey(Session session, ParseResult parsed, CarrierKey key) =>
        session.Write(
            parsed,
            new KeyReport(key.Classes, key.Dimension, key.Origin, key.Created, key.Commitment),
            ReportJson.Default.KeyReport,
            console =>
            {
                console.Profile.Out.Writer.WriteLine($"classes     {key.Classes}");
                console.Profile.Out.Writer.WriteLine($"dimension   {key.Dimension}");
                console.Profile.Out.Writer.WriteLine($"origin      {Printable.Line(key.Origin)}{Caution(key.Origin)}");
                if (key.Created is { } created)
                    console.Profile.Out.Writer.WriteLine($"created     {created:O}");
                console.Profile.Out.Writer.WriteLine($"commitment  {key.Commitment}");
            }
        );

    internal static string Caution(string origin) =>
        origin switch
        {
            CarrierKey.SystemOrigin => "",
            CarrierKey.ImportedOrigin => " (keep in mind that the p-value is exact only if these directions were drawn at random)",
            _ => " (for experiments only: the key is not secret)",
        };
}
