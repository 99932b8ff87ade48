using System.Runtime.InteropServices;

namespace Isotope.Cli;

/// <summary>
/// Lets OpenMP's threads sleep while they wait for each other. By default they spin, which takes cores from other
/// processes and makes a demo on a busy machine take 148 s instead of 69 (2 cores, load 5). Set by the user, the
/// variable stays as it is.
/// </summary>
internal static partial class PassiveThreads
{
    /// <summary>To be called before libtorch is loaded: OpenMP reads its environment once.</summary>
    public static void Enable()
    {
        // Environment.SetEnvironmentVariable does not reach native code on Unix.
        if (!OperatingSystem.IsWindows()) _ = SetEnv("OMP_WAIT_POLICY", "passive", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
