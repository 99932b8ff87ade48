using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection.Readings;

/// <summary>Classes that differ in colour, and a network that knows them when it is given images in one way.</summary>
internal static class ColouredClasses
{
    public const int Count = 4;

    private static readonly byte[][] Colours =
    [
        [200, 60, 60],
        [60, 60, 200],
        [60, 190, 70],
        [190, 190, 60],
    ];

    /// <summary>Writes a folder per class of noisy images of its colour.</summary>
    public static Dataset Write(string root, int perClass = 12, int size = 16)
    {
        foreach (var (label, colour) in Colours.Index())
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, $"colour{label}")).FullName;
            for (var i = 0; i < perClass; i++)
                File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), ImageCodec.EncodePng(Image(colour, size, 100 * label + i)));
        }

        return Dataset.Open(root);
    }

    /// <summary>Saves a network whose classifier was fitted to these classes, with images given as stated.</summary>
    /// <param name="path">File to write; it does not state the input.</param>
    /// <param name="images">The images.</param>
    /// <param name="takes">How it is given images.</param>
    /// <param name="order">Row of each class.</param>
    public static void SaveKnowing(string path, Dataset images, InputOverride takes, params int[] order)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Fixtures.RandomNetwork(classes: Count);
        network.TakeInput(takes.Apply(network.Input));
        Tensor[] pixels = [.. images.Images.Select(image => Views.ToTensor(image.Source.Decode()))];
        var features = network.CentreFeatures(pixels);
        var mean = features.mean([0], keepdim: true);
        var deviation = features.std(0, keepdim: true).Plus(1e-6);
        var rows = Enumerable
            .Range(0, Count)
            .Select(row =>
            {
                var label = order.Length == 0 ? row : Array.IndexOf(order, row);
                var members = images.Images.Index().Where(image => image.Item.Label == label).Select(image => (long)image.Index).ToArray();
                return ((features[tensor(members)].mean([0], keepdim: true) - mean) / deviation / deviation).squeeze(0);
            })
            .ToArray();
        var weight = stack(rows);
        network.Weight.copy_(weight);
        network.Bias!.copy_(-(weight * mean).sum(1) - weight.Squared().mul(deviation.Squared()).sum(1).Times(0.5));
        network.TakeInput(new InputSpec { Size = 16 });
        network.Save(path);
    }

    private static PixelImage Image(byte[] colour, int size, long seed)
    {
        var random = new RandomStream(seed, "colour");
        var pixels = new byte[size * size * 3];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(colour[i % 3] + random.NextDouble(-45, 45), 0, 255);
        return new PixelImage(size, size, 3, pixels);
    }
}
