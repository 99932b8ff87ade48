using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Isotope.Cli.Serve;
using Isotope.Cli.Terminal;
using Isotope.Files;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope serve</c>: results and detections as a local web page.</summary>
internal static class ServeCommand
{
    public static ExampleCommand Create(Session session)
    {
        var folders = new Argument<string[]>("folder")
        {
            Description = "Folders whose results are shown and whose files can be chosen; nothing else is read",
            Arity = ArgumentArity.OneOrMore,
        };
        var port = new Option<int>("--port") { Description = "Port on 127.0.0.1 (default: a free one)" };
        var command = new ExampleCommand(
            "serve",
            "Show results as a local web page, with the progress of runs, and start detections there; for this machine and who has the "
                + "printed address alone",
            "isotope serve work",
            "isotope serve work models --port 8080"
        )
        {
            folders,
            port,
        };
        command.SetAction(parsed =>
        {
            var number = parsed.GetValue(port);
            if (number is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
                throw new IsotopeException($"--port: expected 0 to {IPEndPoint.MaxPort}, found {number}");
            var open = new OpenFolders(parsed.GetRequiredValue(folders));
            var site = new Site(open, new Detections(session.Device(parsed), session.Cancellation), Site.NewToken());
            try
            {
                site.Run(number, Tell, session.Cancellation).GetAwaiter().GetResult();
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

            void Tell(string address) =>
                session.Write(
                    parsed,
                    new AddressReport(RunSettings.Version, address),
                    ReportJson.Default.AddressReport,
                    console => console.Profile.Out.Writer.WriteLine(address)
                );
        });
        return command;
    }
}
