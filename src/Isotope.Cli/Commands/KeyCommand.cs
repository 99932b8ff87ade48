using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope key</c>: make and show keys.</summary>
internal static class KeyCommand
{
    public static Command Create(Session session) => new("key", "Make a secret key, or show its public part") { New(session), Show(session) };

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

    private static void WriteKey(Session session, ParseResult parsed, CarrierKey key) =>
        session.Write(parsed, new KeyReport(key.Classes, key.Dimension, key.Origin, key.Commitment), ReportJson.Default.KeyReport, console =>
        {
            console.Profile.Out.Writer.WriteLine($"classes     {key.Classes}");
            console.Profile.Out.Writer.WriteLine($"dimension   {key.Dimension}");
            console.Profile.Out.Writer.WriteLine($"origin      {key.Origin}{(key.Origin == "system" ? "" : " (for experiments only: the key is not secret)")}");
            console.Profile.Out.Writer.WriteLine($"commitment  {key.Commitment}");
        });
}
