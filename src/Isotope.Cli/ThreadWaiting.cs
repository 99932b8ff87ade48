using System.Runtime.InteropServices;

namespace Isotope.Cli;

/// <summary>
/// Lets OpenMP's threads sleep soon after they start to wait for each other. By default they spin for milliseconds, which takes cores from
/// other processes. The demo on 2 idle cores, and beside two busy processes: 33 s and 136 s by default, 34 s and 73 s with this, 41 s and
/// 80 s without any spinning. What the user has set stays.
/// </summary>
internal static partial class ThreadWaiting
{
    private const string SpinCount = "3000";

    /// <summary>Must be called before libtorch is loaded: OpenMP (libgomp) reads its environment once.</summary>
    public static void Shorten()
    {
        // Environment.SetEnvironmentVariable does not reach native code on Unix.
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = SetEnv("GOMP_SPINCOUNT", SpinCount, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
