using System.Runtime.Intrinsics.X86;

namespace Isotope.Numerics;

/// <summary>
/// Keeps oneDNN 3.7 (of libtorch 2.10) from a division by zero, which ends the process with SIGFPE. Its 1 × 1 convolutions divide by
/// the number of the kernel's blocks of rows, which is none where not one row fits into a core's first cache. So do the channels
/// 1024 → 2048, 1024 → 512, 256 → 1024, 512 → 1024 and 512 → 2048: ResNet-50 has them all, DenseNet-121 one. No real cache is that
/// small, but a virtual machine may hide AMD's description of it, and oneDNN takes the zeros that it reads for a cache of one byte.
/// </summary>
internal static class OneDnnGuard
{
    /// <summary>2048 channels of four bytes, the longest row that these convolutions read (backwards, with a stride).</summary>
    public const int LongestRow = 8192;

    private const string Variable = "ONEDNN_MAX_CPU_ISA";

    // With AVX2 oneDNN uses the same kernels; its convolutions for AVX divide by nothing of the kind.
    private const string Safe = "AVX";

    private const int Intel = 0x6C65746E; // "ntel", the end of the vendor's name
    private const int Amd = 0x444D4163; // "cAMD"

    /// <summary>What the processor says of itself: leaf and sub-leaf to the registers A, B, C and D.</summary>
    public delegate (int A, int B, int C, int D) Cpuid(int leaf, int subleaf);

    /// <summary>Where oneDNN would divide by zero, holds it to AVX.</summary>
    public static void Apply()
    {
        if (FirstCache() < LongestRow && Environment.GetEnvironmentVariable("DNNL_MAX_CPU_ISA") is null)
            LibtorchEnvironment.SetDefault(Variable, Safe);
    }

    /// <summary>Bytes of a core's first data cache, as oneDNN understands this processor.</summary>
    public static uint FirstCache() => X86Base.IsSupported ? FirstCache(X86Base.CpuId) : uint.MaxValue;

    /// <summary>The same for any processor: the arithmetic of oneDNN (Xbyak 7.05), bit for bit.</summary>
    public static uint FirstCache(Cpuid cpuid)
    {
        const uint unknown = 32 * 1024;
        var (highest, _, vendor, _) = cpuid(0, 0);
        if (vendor == Amd)
            return PerCore(cpuid, cpuid(unchecked((int)0x8000001D), 0), highest);
        if (vendor != Intel)
            return unknown;
        for (var subleaf = 0; ; subleaf++)
        {
            var cache = cpuid(4, subleaf);
            switch (cache.A & 0xF)
            {
                case 0:
                    return unknown;
                case 1 or 3:
                    return PerCore(cpuid, cache, highest);
            }
        }
    }

    private static uint PerCore(Cpuid cpuid, (int A, int B, int C, int D) cache, int highestLeaf)
    {
        var size = (Bits(cache.B, 22, 9) + 1) * (Bits(cache.B, 12, 9) + 1) * (Bits(cache.B, 0, 11) + 1) * ((uint)cache.C + 1);
        if (highestLeaf < 0xB)
            return size;
        Span<uint> threads = [0, 0]; // of a core, of a processor
        for (var subleaf = 0; subleaf < 2; subleaf++)
        {
            var topology = cpuid(0xB, subleaf);
            if (Bits(topology.C, 8, 7) is var level and (1 or 2))
                threads[(int)level - 1] = Bits(topology.B, 0, 15);
        }

        var ofCore = Math.Max(1, threads[0]);
        var sharing = Math.Min(Bits(cache.A, 14, 11) + 1, Math.Max(ofCore, threads[1]));
        return size / Math.Max(sharing / ofCore, 1);
    }

    private static uint Bits(int value, int from, int count) => ((uint)value >> from) & ((1u << count) - 1);
}
