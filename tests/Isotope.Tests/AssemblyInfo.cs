using System.Reflection;
using Isotope.Numerics;
using Xunit.Sdk;
using Xunit.v3;

// Torch's seed and number of threads are the process's: tests that set them must not overlap.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Isotope.Tests.OneCore))]
[assembly: Isotope.Tests.Started]

namespace Isotope.Tests;

/// <summary>The two test programs run beside each other: each keeps to one core, so that neither waits for the other's threads.</summary>
public sealed class OneCore
{
    public OneCore()
    {
        LibtorchEnvironment.Prepare(); // before tests that use TorchSharp alone
        Started.Write($"(oneDNN sees {OneDnnGuard.FirstCache()} bytes of first cache)");
        TorchSharp.torch.set_num_threads(1);
        if (Environment.GetEnvironmentVariable("ISOTOPE_RESTLESS_COLLECTOR") is not null)
            new Thread(Collect) { IsBackground = true }.Start();
    }

    /// <summary>
    /// Shows what is freed while libtorch still uses it: a temporary of a moment lives for as long as no other thread happens to fill the
    /// heap.
    /// </summary>
    private static void Collect()
    {
        while (true)
        {
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            GC.WaitForPendingFinalizers();
        }
    }
}

/// <summary>
/// Writes each test's name as it starts into the file that <c>ISOTOPE_STARTED</c> names: whatever ends the process, the last line says
/// where.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class StartedAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Started.Write(test.TestDisplayName);
}

internal static class Started
{
    private static readonly string? Log = Environment.GetEnvironmentVariable("ISOTOPE_STARTED");

    public static void Write(string line)
    {
        if (Log is not null)
            File.AppendAllText(Log, line + Environment.NewLine);
    }
}
