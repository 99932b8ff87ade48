using System.Runtime.Intrinsics.X86;
using Isotope.Networks;
using static Isotope.Numerics.OneDnnGuard;
using static TorchSharp.torch;

namespace Isotope.Tests.Numerics;

/// <summary>Processors as oneDNN sees them: those on which its 1 × 1 convolutions would divide by zero, and this one.</summary>
public sealed class OneDnnGuardTests
{
    private const int Amd = unchecked((int)0x8000001D);

    /// <summary>Ways, line and sets less one, as both vendors write them.</summary>
    private static (int A, int B, int C, int D) Cache(int type, int sharing, int ways, int sets) =>
        (type | ((sharing - 1) << 14), ((ways - 1) << 22) | 63, sets - 1, 0);

    private static Cpuid Processor(string vendor, Dictionary<(int, int), (int, int, int, int)> leaves) =>
        (leaf, subleaf) =>
            leaf == 0
                ? (0x20, 0, BitConverter.ToInt32(System.Text.Encoding.ASCII.GetBytes(vendor), 8), 0)
                : leaves.GetValueOrDefault((leaf, subleaf));

    private static Dictionary<(int, int), (int, int, int, int)> Cores(int threadsOfCore, int threads) =>
        new() { [(0xB, 0)] = (0, threadsOfCore, 0x100, 0), [(0xB, 1)] = (0, threads, 0x201, 0) };

    [Fact]
    public void FirstCache_OfAmdWhoseDescriptionIsHidden_IsOneByte() =>
        Assert.Equal(1u, FirstCache(Processor("AuthenticAMD", Cores(1, 2))));

    [Theory]
    [InlineData(1, 2, 1, 48 * 1024)]
    [InlineData(2, 16, 2, 48 * 1024)] // two threads of a core are one core
    [InlineData(1, 2, 2, 24 * 1024)]
    [InlineData(1, 64, 64, 768)] // a hypervisor that lets all cores share it
    [InlineData(0, 0, 64, 48 * 1024)] // no topology: at least one thread of one core
    public void FirstCache_OfEitherVendor_IsDividedAmongCores(int threadsOfCore, int threads, int sharing, uint expected)
    {
        var leaves = Cores(threadsOfCore, threads);
        leaves[(Amd, 0)] = leaves[(4, 1)] = Cache(1, sharing, ways: 12, sets: 64);
        leaves[(4, 0)] = Cache(2, sharing, ways: 8, sets: 64); // instructions
        Assert.Equal(expected, FirstCache(Processor("AuthenticAMD", leaves)));
        Assert.Equal(expected, FirstCache(Processor("GenuineIntel", leaves)));
    }

    [Theory, InlineData("GenuineIntel"), InlineData("HygonGenuine")]
    public void FirstCache_OfProcessorsThatOneDnnGuesses_IsLargeEnough(string vendor) =>
        Assert.True(FirstCache(Processor(vendor, Cores(1, 2))) >= LongestRow);

    /// <summary>Where this process would die, the guard is what keeps it alive.</summary>
    [Theory]
    [InlineData(1024, 2048), InlineData(1024, 512), InlineData(256, 1024), InlineData(512, 1024), InlineData(512, 2048)]
    [InlineData(2048, 1024), InlineData(1024, 256), InlineData(2048, 512)] // the gradient goes the other way
    public void Convolve_ChannelsThatOneDnnDividesBy_Lives(int from, int to)
    {
        foreach (var stride in new[] { 1, 2 })
        foreach (var last in new[] { false, true })
        {
            using var scope = NewDisposeScope();
            var (images, weights) = (rand(16, from, 7, 7), rand(to, from, 1, 1));
            if (last)
                (images, weights) = (ChannelsLast.Of(images), ChannelsLast.Of(weights));
            images.requires_grad_();
            nn.functional.conv2d(images, weights, strides: [stride, stride]).sum().backward();
            Assert.True(images.grad!.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void FirstCache_OfThisProcessor_IsWhatTheGuardGoesBy()
    {
        if (X86Base.IsSupported)
            Assert.InRange(FirstCache(), 1u, 1u << 20);
        if (X86Base.IsSupported && FirstCache() < LongestRow)
            Assert.NotNull(
                Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA") ?? Environment.GetEnvironmentVariable("DNNL_MAX_CPU_ISA")
            );
    }
}
