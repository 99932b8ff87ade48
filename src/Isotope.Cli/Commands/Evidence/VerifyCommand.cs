using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Evidence;

namespace Isotope.Cli.Commands.Evidence;

/// <summary><c>isotope verify</c>: recomputes a result.</summary>
internal sealed class VerifyCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope verify result.json",
        "isotope verify result.json --key opening.json --commitment commitment.json --marking-network resnet20:resnet20.th "
            + "--tested-network suspect.safetensors --images cifar/test",
    ];

    private readonly Argument<string> file = new("result") { Description = "Result file that isotope detect wrote" };
    private readonly GivenInputOptionGroup given;

    public VerifyCommand(Session session)
        : base(
            session,
            "verify",
            "Recompute all of a result that can be recomputed, and the test itself where all of its inputs are given; exit code 1 if "
                + "something differs",
            CommandLines
        )
    {
        given = new GivenInputOptionGroup(session.Passphrase);
        Add(file);
        given.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var result = TestResult.Load(parsed.GetRequiredValue(file));
        var findings = Session.WithProgress(progress => Verification.Of(result, given.Read(parsed), Session.Environment(parsed, progress)));
        return FindingsTable.Write(Session, parsed, findings);
    }
}
