using System.Runtime.InteropServices;

namespace Isotope.Cli;

/// <summary>Ctrl-C and SIGTERM cancel the work, which ends at the next safe point; a second signal ends it at once.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly TextWriter error;
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    /// <param name="error">Acknowledges the first signal.</param>
    public Signals(TextWriter error)
    {
        this.error = error;
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, 130));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, 143));
    }

    public CancellationToken Token => source.Token;

    /// <summary>128 plus the signal's number, after a signal.</summary>
    public int? ExitCode { get; private set; }

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        source.Dispose();
    }

    private void Cancel(PosixSignalContext context, int exitCode)
    {
        context.Cancel = ExitCode is null;
        if (ExitCode is null)
            error.WriteLine("isotope: finishing what is being worked on; a second signal stops at once");
        ExitCode = exitCode;
        source.Cancel();
    }
}
