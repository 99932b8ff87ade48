using System.IO.Compression;
using Isotope.Files;

namespace Isotope.Cli.Demo;

/// <summary>What the program carries for the demo: Fashion-MNIST images and a marking network (see recipes/fashion-mnist).</summary>
internal static class DemoAssets
{
    /// <summary>File name of the marking network.</summary>
    public const string Marker = "marker.safetensors";

    /// <summary>Writes images and network into a folder; existing files stay.</summary>
    public static void Unpack(string folder)
    {
        using var images = Open("fashion-mnist.zip");
        using var archive = new ZipArchive(images);
        foreach (var entry in archive.Entries)
            Write(Path.Combine(folder, "vanilla", entry.FullName), entry.Open);
        Write(Path.Combine(folder, Marker), () => Open(Marker));
    }

    private static void Write(string path, Func<Stream> open)
    {
        if (File.Exists(path))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var source = open();
        AtomicFile.Write(path, source.CopyTo);
    }

    private static Stream Open(string name) => typeof(DemoAssets).Assembly.GetManifestResourceStream(name)!;
}
