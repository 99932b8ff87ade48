using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Isotope.Cli.Serve;
using Isotope.Cli.Terminal;
using Isotope.Files;

namespace Isotope.Cli.Commands.Results;

/// <summary>Where <c>serve</c> listens.</summary>
internal sealed record AddressReport(string Isotope, string Address);

/// <summary><c>isotope serve</c>: results and detections as a local web page.</summary>
internal sealed class ServeCommand : IsotopeCommand
{
    private readonly Argument<string[]> folders = new("folder")
    {
        Description = "Folders whose results are shown and whose files can be chosen; nothing else is read",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<int> port = new("--port") { Description = "Port on 127.0.0.1 (default: a free one)" };

    public ServeCommand(Session session)
        : base(
            session,
            "serve",
            "Show results as a local web page, with the progress of runs, and start detections there; for this machine and who has the "
                + "printed address alone",
            "isotope serve work",
            "isotope serve work models --port 8080"
        )
    {
        Add(folders);
        Add(port);
    }

    protected override int Run(ParseResult parsed)
    {
        var number = parsed.GetValue(port);
        if (number is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            throw new IsotopeException($"--port: expected 0 to {IPEndPoint.MaxPort}, found {number}");
        var open = new OpenFolders(parsed.GetRequiredValue(folders));
        var site = new Site(open, new Detections(Session.Device(parsed), Session.Cancellation), Site.NewToken());
        try
        {
            site.Run(number, address => WriteAddress(parsed, address), Session.Cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how it ends.
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new IsotopeException($"--port: expected one that may be listened on, found {number}: {e.Message}", e);
        }

        return 0;
    }

    private void WriteAddress(ParseResult parsed, string address) =>
        Session.Write(parsed, new AddressReport(RunSettings.Version, address), ReportJson.Default.AddressReport, [address]);
}
