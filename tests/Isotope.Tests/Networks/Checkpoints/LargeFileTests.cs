using System.Diagnostics;
using Isotope.Networks;
using Isotope.Networks.Checkpoints;
using Isotope.Tests.Networks.Foreign;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>
/// Weights go from their file into their tensors without a copy. ISOTOPE_LARGE_FILES=1 tests this beyond 2 GiB, the limit of arrays and
/// spans; that takes 3 GB of memory and of disk.
/// </summary>
public sealed class LargeFileTests : IDisposable
{
    private const long Some = 70_000_001;
    private const long TooManyForASpan = int.MaxValue + 1000L;
    private const long MostManaged = 1 << 20;
    private const long MostElse = 300_000_000;
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("a.safetensors")]
    [InlineData("a.pth")]
    [InlineData("a.legacy.pth")]
    public void Load_Weights_TakeNoMemoryBesideTheirTensors(string file)
    {
        Write(file, Some);
        Load(file, Some);
    }

    [Theory]
    [InlineData("a.safetensors")]
    [InlineData("a.pth")]
    [InlineData("a.legacy.pth")]
    public void Load_MoreThanTwoGigabytes_AreReadToTheLastByte(string file)
    {
        RequireLargeFiles();
        Write(file, TooManyForASpan);
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5"); // resets the peak
        using var process = Process.GetCurrentProcess();
        var before = process.WorkingSet64;
        Load(file, TooManyForASpan);
        process.Refresh();
        if (OperatingSystem.IsLinux())
            Assert.InRange(process.PeakWorkingSet64 - before, 0, TooManyForASpan + MostElse);
    }

    [Fact]
    public void LoadOnnx_MoreThanTwoGigabytesOfExternalData_Runs()
    {
        RequireLargeFiles();
        using var network = ForeignFiles.Load(ForeignFiles.WriteLarge(folder, TooManyForASpan / sizeof(float)));
        using var plain = ForeignFiles.Load("gemm.onnx");
        using var views = ForeignFiles.Views();
        using var difference = (network.Features(views) - plain.Features(views)).abs().max();
        Assert.Equal(7f, difference.item<float>(), 1e-5f);
    }

    [Fact]
    public void LoadOnnx_ModelItselfOfTwoGigabytes_IsRefusedBeforeItIsRead()
    {
        Extend(folder.Write("model.onnx", [8, 7, 0x3a]), TooManyForASpan);
        Assert.Contains(
            "less than 2 GiB, the limit of protobuf",
            Assert.Throws<IsotopeException>(() => Network.Load(folder.File("model.onnx"))).Message
        );
    }

    private static void RequireLargeFiles() =>
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ISOTOPE_LARGE_FILES") == "1", "ISOTOPE_LARGE_FILES=1 asks for it");

    private void Load(string file, long count)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var weights = Checkpoint.Load(folder.File(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostManaged);
        Assert.Equal([count], weights["w"].shape);
        using var last = weights["w"][^1];
        Assert.Equal(7, last.item<byte>());
    }

    /// <summary>Writes zeros and a seven, in a sparse file if the format allows it.</summary>
    private void Write(string file, long count)
    {
        if (file == "a.safetensors")
        {
            var header = $$$"""{"w":{"dtype":"U8","shape":[{{{count}}}],"data_offsets":[0,{{{count}}}]}}""";
            Extend(folder.Write(file, HostileFiles.Safetensors(header, 0)), count);
        }
        else if (file == "a.legacy.pth")
            Extend(folder.Write(file, HostileFiles.LegacyOf(count)), count);
        else
        {
            using var weights = zeros(count, dtype: ScalarType.Byte);
            using (var last = weights[^1])
                last.bytes[0] = 7;
            TorchFile.Save(folder.File(file), [new("w", weights)]);
        }
    }

    private static void Extend(string path, long count)
    {
        using FileStream stream = new(path, FileMode.Append);
        stream.SetLength(stream.Length + count - 1);
        stream.Position = stream.Length;
        stream.WriteByte(7);
    }

    public void Dispose() => folder.Dispose();
}
