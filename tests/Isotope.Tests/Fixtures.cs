using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Numerics;

namespace Isotope.Tests;

/// <summary>Small images and networks of the tests; everything follows from seeds.</summary>
internal static class Fixtures
{
    /// <summary>A frozen network with random weights: features of 64 dimensions in 14 layers.</summary>
    public static TorchNetwork RandomNetwork(int classes = 3, int inputSize = 16, long seed = 1)
    {
        var network = Network.Create("resnet14", classes, inputSize, seed: seed);
        network.Freeze();
        return network;
    }

    /// <summary>The same network from a file in a folder: with a hash, as marking records it.</summary>
    public static Network LoadedNetwork(TemporaryFolder folder, long seed = 1)
    {
        var path = folder.File($"network{seed}.safetensors");
        if (File.Exists(path))
            return Network.Load(path);
        using var network = RandomNetwork(seed: seed);
        network.Save(path);
        return Network.Load(path);
    }

    /// <summary>The key that would have published a counterfactual version: the same secret, other carriers.</summary>
    public static CarrierKey KeyOfVersion(CarrierKey key, int version) =>
        new(
            key.Classes,
            key.Dimension,
            key.Origin,
            key.Secret.ToArray(),
            [.. Enumerable.Range(0, key.Classes).SelectMany(label => key.CounterfactualCarrier(label, version).ToArray())]
        );

    /// <summary>A smooth image with waves and some texture, unlike that of any other seed.</summary>
    public static PixelImage Image(int width, int height, int channels, long seed)
    {
        var random = new RandomStream(seed, "image");
        var slopes = Enumerable.Range(0, 2 * channels).Select(_ => random.NextDouble(-4, 4)).ToArray();
        var (waveX, waveY, phase) = (random.NextDouble(-9, 9) / width, random.NextDouble(-9, 9) / height, random.NextDouble(0, 6));
        var pixels = new byte[width * height * channels];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (c, x, y) = (i % channels, i / channels % width, i / channels / width);
            var wave = 40 * Math.Sin(waveX * x + waveY * y + phase);
            pixels[i] = (byte)
                Math.Clamp(
                    128 + wave + slopes[2 * c] * (x - width / 2) + slopes[2 * c + 1] * (y - height / 2) + random.NextDouble(-20, 20),
                    0,
                    255
                );
        }

        return new PixelImage(width, height, channels, pixels);
    }

    /// <summary>Writes an image folder of PNG files and opens it.</summary>
    public static Dataset WriteFolder(string root, int classes = 3, int perClass = 4, int size = 16, int channels = 3, long firstSeed = 0)
    {
        for (var label = 0; label < classes; label++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, $"class{label}")).FullName;
            for (var i = 0; i < perClass; i++)
                File.WriteAllBytes(
                    Path.Combine(folder, $"{i}.png"),
                    ImageCodec.EncodePng(Image(size, size, channels, firstSeed + label * perClass + i))
                );
        }

        return Dataset.Open(root);
    }

    /// <summary>Hashes of all files below a folder, by relative path.</summary>
    public static Dictionary<string, string> HashesBelow(string root) =>
        Directory
            .EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(root, path), Hashes.OfFile);
}
