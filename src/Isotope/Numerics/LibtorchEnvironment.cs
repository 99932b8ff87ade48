using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Isotope.Numerics;

/// <summary>
/// Variables that libtorch's native libraries read once, when they are loaded. What the user has set stays. Too late in a program that
/// uses TorchSharp before it uses Isotope.
/// </summary>
internal static partial class LibtorchEnvironment
{
    /// <summary>
    /// Waiting threads of OpenMP (libgomp) sleep after this many turns. By default they spin for milliseconds, which takes cores from other
    /// processes. The demo on 2 idle cores, and beside two busy processes: 33 s and 136 s by default, 34 s and 73 s with this, 41 s and
    /// 80 s without any spinning.
    /// </summary>
    private const string SpinCount = "3000";

    // A library's user has no other place to run this before libtorch is loaded.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    public static void Prepare()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            SetDefault("GOMP_SPINCOUNT", SpinCount);
        OneDnnGuard.Apply();
    }

    /// <summary>Sets a variable that is not set yet. .NET alone would not show it to native code on Unix.</summary>
    public static void SetDefault(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is not null)
            return;
        if (!OperatingSystem.IsWindows())
            _ = SetEnv(name, value, overwrite: 0);
        Environment.SetEnvironmentVariable(name, value);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
