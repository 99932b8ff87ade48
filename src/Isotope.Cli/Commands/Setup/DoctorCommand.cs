using System.CommandLine;
using System.Runtime.InteropServices;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands.Setup;

/// <summary><c>isotope doctor</c>: does everything that Isotope needs work here?</summary>
internal sealed class DoctorCommand : IsotopeCommand
{
    private const long LeastDisk = 1L << 30;
    private const long LeastMemory = 1L << 30;

    public DoctorCommand(Session session)
        : base(
            session,
            "doctor",
            "Check what Isotope needs of this machine: libtorch, image codecs, memory, disk; exit code 1 if something does not work",
            "isotope doctor",
            "isotope doctor --device cuda:0 --json"
        ) { }

    protected override int Run(ParseResult parsed)
    {
        var device = Check.Of("device", () => Multiply(Session.Device(parsed))); // first: it sets the number of threads
        Check[] checks =
        [
            Check.Of("version", Version),
            Check.Of("processor", () => $"{Environment.ProcessorCount} cores"),
            Check.Of("libtorch", Libtorch),
            device,
            Check.Of("networks", RunNetwork),
            Check.Of("images", RoundTrip),
            Check.Of("memory", Memory),
            Check.Of("disk", Disk),
        ];
        var report = new DoctorReport(RunSettings.Version, checks.All(check => check.Works), checks);
        Session.Write(parsed, report, ReportJson.Default.DoctorReport, checks.Select(check => check.ToString()));
        return report.Works ? 0 : 1;
    }

    private static string Version() =>
        $"Isotope {RunSettings.Version}, {RuntimeInformation.FrameworkDescription}, "
        + $"{RuntimeInformation.OSDescription.Trim()} ({RuntimeInformation.RuntimeIdentifier})";

    private static string Libtorch() =>
        $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}, {get_num_threads()} threads";

    /// <summary>A product whose value is known.</summary>
    private static string Multiply(Device device)
    {
        using var scope = NewDisposeScope();
        var found = ones([64, 64], device: device).matmul(tensor(0.5f, device: device).expand(64, 64)).sum().cpu().item<float>();
        return found == 64 * 64 * 32
            ? $"{device}: arithmetic is right"
            : throw new IsotopeException($"expected a matrix product of sum {64 * 64 * 32}, found {found}");
    }

    private static string RunNetwork()
    {
        using var scope = NewDisposeScope();
        using var network = Network.Create("resnet14", 10);
        network.Freeze();
        return network.Features(tensor(128f).expand(2, 3, 32, 32)).isfinite().all().item<bool>()
            ? "a ResNet gives features"
            : throw new IsotopeException("expected finite features of a ResNet, found others");
    }

    /// <summary>PNG there and back.</summary>
    private static string RoundTrip()
    {
        var image = new PixelImage(8, 8, 3, [.. Enumerable.Range(0, 192).Select(value => (byte)value)]);
        return ImageCodec.Decode("doctor", ImageCodec.EncodePng(image)).Pixels.SequenceEqual(image.Pixels)
            ? "PNG is read as it was written"
            : throw new IsotopeException("expected the pixels that were encoded, found others");
    }

    private static string Memory()
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return available >= LeastMemory
            ? $"{available / 1e9:F1} GB"
            : throw new IsotopeException($"expected 1 GB at least, found {available / 1e9:F1} GB");
    }

    private static string Disk()
    {
        var folder = Directory.GetCurrentDirectory();
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (!OutputFile.CanBeWrittenTo(folder))
            throw new IsotopeException($"expected a folder that can be written to, found {folder}");
        return free >= LeastDisk
            ? $"{free / 1e9:F1} GB free in {folder}, which can be written to"
            : throw new IsotopeException($"expected 1 GB free in {folder}, found {free / 1e9:F1} GB");
    }
}
