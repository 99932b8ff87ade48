using System.Runtime.InteropServices;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>One thing that was looked at.</summary>
internal sealed record Check(string Name, bool Works, string Found);

/// <summary>What <c>doctor</c> found.</summary>
internal sealed record DoctorReport(string Isotope, bool Works, IReadOnlyList<Check> Checks);

/// <summary><c>isotope doctor</c>: does everything that Isotope needs work here?</summary>
internal static class DoctorCommand
{
    private const long LeastDisk = 1L << 30;
    private const long LeastMemory = 1L << 30;

    public static ExampleCommand Create(Session session)
    {
        var command = new ExampleCommand(
            "doctor",
            "Check what Isotope needs of this machine: libtorch, image codecs, memory, disk; exit code 1 if something does not work",
            "isotope doctor",
            "isotope doctor --device cuda:0 --json"
        );
        command.SetAction(parsed =>
        {
            var device = Try("device", () => Multiply(session.Device(parsed))); // sets the number of threads too
            Check[] checks =
            [
                Try(
                    "version",
                    () =>
                        $"Isotope {RunSettings.Version}, {RuntimeInformation.FrameworkDescription}, "
                        + $"{RuntimeInformation.OSDescription.Trim()} ({RuntimeInformation.RuntimeIdentifier})"
                ),
                Try("processor", () => $"{Environment.ProcessorCount} cores"),
                Try(
                    "libtorch",
                    () => $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}, {get_num_threads()} threads"
                ),
                device,
                Try("networks", RunNetwork),
                Try("images", RoundTrip),
                Try("memory", Memory),
                Try("disk", Disk),
            ];
            var report = new DoctorReport(RunSettings.Version, checks.All(check => check.Works), checks);
            session.Write(
                parsed,
                report,
                ReportJson.Default.DoctorReport,
                console =>
                {
                    foreach (var check in checks)
                        console.Profile.Out.Writer.WriteLine($"{(check.Works ? "ok  " : "FAIL")}  {check.Name, -10} {check.Found}");
                }
            );
            return report.Works ? 0 : 1;
        });
        return command;
    }

    private static Check Try(string name, Func<string> look)
    {
        try
        {
            return new Check(name, true, look());
        }
        catch (Exception e) when (e is not OutOfMemoryException) // whatever is wrong with a machine is an answer here
        {
            return new Check(name, false, (e.InnerException ?? e).Message.Split('\n')[0]);
        }
    }

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
