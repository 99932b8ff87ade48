using System.CommandLine;
using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Carriers.Draws;
using Isotope.Cli.Commands.Evidence;
using Isotope.Cli.Terminal;
using Isotope.Evidence;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope key draw</c>: an undrawn key, its plan and a public random value → the key.</summary>
internal sealed class DrawKeyCommand : IsotopeCommand
{
    private readonly KeyFileArgument file = new();
    private readonly Option<string> plan = new("--plan") { Description = "The plan that was published", Required = true };
    private readonly Option<string> beacon = new("--beacon")
    {
        Description = "The public random value: the file that the plan's beacon answers with",
        Required = true,
    };
    private readonly Option<string?> certificate = new("--certificate") { Description = "The signer's certificate of NIST's pulse (PEM)" };
    private readonly Option<string?> stamp = new("--timestamp")
    {
        Description = "Somebody else's time stamp of the plan (RFC 3161), older than the value",
    };
    private readonly AuthorityOption authority = new();

    public DrawKeyCommand(Session session)
        : base(
            session,
            "draw",
            "Draw a planned key with the public random value that its plan names",
            "isotope key draw owner.key --plan plan.json --beacon pulse.json --timestamp plan.json.tsr"
        )
    {
        Add(file);
        AddOptions(plan, beacon, certificate, stamp, authority);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var planFile = parsed.GetRequiredValue(plan);
        var bytes = BoundDocument.Read("--plan", planFile);
        var planned = TestPlan.Parse(planFile, bytes);
        var owner = Session.Passphrase.Key(parsed, parsed.GetRequiredValue(file));
        if (!planned.IsOf(KeyFile.LoadUndrawn(owner.File, owner.Passphrase)))
            throw new IsotopeException($"--plan {planFile}: expected the plan of this key, found another's, or one that was changed");
        var value = ReadBeacon(parsed, planned);
        var draw = new KeyDraw(bytes, value, planned.Beacon, ReadStamp(parsed, bytes, planned));
        var key = KeyFile.Draw(owner.File, draw, owner.Passphrase);
        KeyCommand.WriteKey(Session, parsed, key);
        if (draw.TimeStamp is null)
            Session.Advise("--timestamp: nobody else dates the plan; an expert will say that the owner could have chosen this key");
        return 0;
    }

    private byte[] ReadBeacon(ParseResult parsed, TestPlan planned)
    {
        var path = parsed.GetRequiredValue(beacon);
        var json = BoundDocument.Read("--beacon", path);
        if (parsed.GetValue(certificate) is { } pem)
            json = WithCertificate(path, json, pem);
        var value = Beacon.Parse(path, json, planned.Beacon);
        if (!value.IsFirstFrom(planned.DrawAt))
            throw new IsotopeException(
                $"--beacon {path}: expected the first value of {planned.Beacon} from {planned.DrawAt:u}, as planned, found {value.Time:u}"
            );
        return json;
    }

    private static byte[] WithCertificate(string path, byte[] json, string pem)
    {
        try
        {
            var document = JsonNode.Parse(json)!.AsObject();
            document["certificate"] = System.Text.Encoding.UTF8.GetString(BoundDocument.Read("--certificate", pem));
            return System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or ArgumentException)
        {
            throw new IsotopeException($"--beacon {path}: expected the JSON of a pulse, found something else", e);
        }
    }

    private byte[]? ReadStamp(ParseResult parsed, byte[] bytes, TestPlan planned)
    {
        if (parsed.GetValue(stamp) is not { } path)
            return null;
        var dated = TimeStamp.Load(path, bytes, parsed.GetValue(authority));
        if (dated.Time >= planned.DrawAt)
            throw new IsotopeException(
                $"--timestamp {path}: expected one from before {planned.DrawAt:u}, when the value came out, found {dated.Time:u}"
            );
        if (!dated.IsTrusted)
            Session.Advise($"--timestamp: nobody here trusts {dated.Authority}; its root certificate may be given as --authority");
        return TimeStamp.Read(path);
    }
}
