using System.Runtime.InteropServices;

namespace Isotope.Cli;

/// <summary>
/// Lets OpenMP's threads fall asleep soon while they wait for each other; by default they spin for milliseconds, which
/// takes cores from other processes. The demo on 2 cores, quiet and beside two busy processes: default 33 s and 136 s,
/// this 34 s and 73 s, never spinning 41 s and 80 s. What the user has set stays.
/// </summary>
internal static partial class ThreadWaiting
{
    private const string SpinCount = "3000";

    /// <summary>To be called before libtorch is loaded: OpenMP (libgomp) reads its environment once.</summary>
    public static void Shorten()
    {
        // Environment.SetEnvironmentVariable does not reach native code on Unix.
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = SetEnv("GOMP_SPINCOUNT", SpinCount, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
