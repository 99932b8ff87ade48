using System.Runtime.InteropServices;

namespace Isotope.Cli;

/// <summary>
/// Lets glibc keep what libtorch frees for what it asks for next. By default tensors come from the kernel and go back to it at every
/// step, which clears their pages each time: 5 to 12 % of marking 224 × 224 views. Those above 32 MiB, glibc's limit, still do, so
/// that large images leave no holes. What the user has set stays.
/// </summary>
internal static partial class MemoryReuse
{
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;
    private const int MebiByte = 1 << 20;

    /// <summary>Best called before tensors are made. Where the C library is another, nothing changes.</summary>
    public static void Enable()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is not null)
            return;
        try
        {
            _ = MallOpt(TrimThreshold, int.MaxValue);
            _ = MallOpt(TopPad, 64 * MebiByte);
            _ = MallOpt(MmapThreshold, 32 * MebiByte);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has one way to allocate.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
