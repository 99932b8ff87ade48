using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Networks.Checkpoints;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope key</c>: make and show keys.</summary>
internal static class KeyCommand
{
    public static Command Create(Session session) =>
        new("key", "Make a secret key, show its public part, or exchange carriers with research scripts") { New(session), Show(session), Import(session), Export(session) };

    private static ExampleCommand New(Session session)
    {
        var classes = new Option<int>("--classes") { Description = "Number of classes of the dataset", Required = true };
        var dimension = new Option<int>("--dim") { Description = "Dimension of the marking network's features (64 for resnet20)", Required = true };
        var path = new Option<string>("--out") { Description = "File to write, readable by you alone", Required = true };
        var seed = new Option<long?>("--seed") { Description = "For experiments only: anyone can make this key. Default: the system's cryptographic generator" };
        var command = new ExampleCommand("new", "Make a secret key: one random direction (carrier) per class", "isotope key new --classes 10 --dim 64 --out owner.key")
        {
            classes, dimension, path, seed,
        };
        command.SetAction(parsed =>
        {
            var (count, size) = (parsed.GetRequiredValue(classes), parsed.GetRequiredValue(dimension));
            var key = parsed.GetValue(seed) is { } given ? CarrierKey.FromSeed(count, size, given) : CarrierKey.Create(count, size);
            KeyFile.Save(key, parsed.GetRequiredValue(path));
            WriteKey(session, parsed, key);
            return 0;
        });
        return command;
    }

    private static ExampleCommand Show(Session session)
    {
        var path = new Argument<string>("file") { Description = "Key file" };
        var command = new ExampleCommand("show", "Show the public part of a key: sizes, origin, commitment; never a secret", "isotope key show owner.key") { path };
        command.SetAction(parsed =>
        {
            WriteKey(session, parsed, KeyFile.Load(parsed.GetRequiredValue(path)));
            return 0;
        });
        return command;
    }

    private static ExampleCommand Import(Session session)
    {
        var source = new Argument<string>("carriers") { Description = "PyTorch file of one tensor, classes × dimension, rows of norm 1" };
        var path = new Option<string>("--out") { Description = "Key file to write, readable by you alone", Required = true };
        var command = new ExampleCommand("import", "Make a key of carriers that a research script has drawn", "isotope key import carriers.pth --out owner.key") { source, path };
        command.SetAction(parsed =>
        {
            var key = ReadCarriers(parsed.GetRequiredValue(source));
            KeyFile.Save(key, parsed.GetRequiredValue(path));
            WriteKey(session, parsed, key);
            return 0;
        });
        return command;
    }

    private static ExampleCommand Export(Session session)
    {
        var source = new Argument<string>("file") { Description = "Key file" };
        var path = new Option<string>("--out") { Description = "PyTorch file to write, readable by you alone", Required = true };
        var command = new ExampleCommand(
            "export", "Write the carriers as a tensor that PyTorch loads: classes × dimension, as secret as the key", "isotope key export owner.key --out carriers.pth") { source, path };
        command.SetAction(parsed =>
        {
            var key = KeyFile.Load(parsed.GetRequiredValue(source));
            using var carriers = key.ToTensor();
            AtomicFile.WritePrivate(parsed.GetRequiredValue(path), stream => TorchFile.WriteTensor(stream, carriers));
            WriteKey(session, parsed, key);
            session.Advise($"{parsed.GetRequiredValue(path)} is as secret as the key");
            return 0;
        });
        return command;
    }

    private static CarrierKey ReadCarriers(string path)
    {
        using var scope = NewDisposeScope();
        var tensor = TorchFile.LoadTensor(path);
        if (tensor.dim() != 2 || !tensor.is_floating_point())
            throw new IsotopeException($"{path}: expected a matrix of floating-point carriers, found {tensor.dtype} of {tensor.dim()} dimensions");
        return CarrierKey.FromDirections(tensor.to(float32).data<float>().ToArray(), (int)tensor.shape[0], (int)tensor.shape[1]);
    }

    private static string Caution(CarrierKey key) => key.Origin switch
    {
        "system" => "",
        "imported" => " (p-values are exact only if these directions were drawn at random)",
        _ => " (for experiments only: the key is not secret)",
    };

    private static void WriteKey(Session session, ParseResult parsed, CarrierKey key) =>
        session.Write(parsed, new KeyReport(key.Classes, key.Dimension, key.Origin, key.Commitment), ReportJson.Default.KeyReport, console =>
        {
            console.Profile.Out.Writer.WriteLine($"classes     {key.Classes}");
            console.Profile.Out.Writer.WriteLine($"dimension   {key.Dimension}");
            console.Profile.Out.Writer.WriteLine($"origin      {key.Origin}{Caution(key)}");
            console.Profile.Out.Writer.WriteLine($"commitment  {key.Commitment}");
        });
}
