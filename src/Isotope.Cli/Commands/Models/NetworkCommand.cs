using System.CommandLine;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Models;

/// <summary><c>isotope network</c>: what a file of weights holds, and the same weights in another format.</summary>
internal sealed class NetworkCommand : Command
{
    public NetworkCommand(Session session)
        : base("network", "Look into a file of weights, find out how it takes images, or write it in another format")
    {
        Add(new InspectCommand(session));
        Add(new CheckCommand(session));
        Add(new ConvertCommand(session));
        Add(TrialLoad.Create());
    }
}
