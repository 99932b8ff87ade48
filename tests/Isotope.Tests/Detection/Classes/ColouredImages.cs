using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection.Classes;

/// <summary>Images that networks with random features tell apart, since each class has a colour and a wave of its own.</summary>
internal static class ColouredImages
{
    /// <summary>How far a mark turns a row, over its length.</summary>
    private const double Strength = 0.8;

    /// <summary>Keeps rows in directions in which features vary, over the features' mean square.</summary>
    private const double Ridge = 0.1;

    /// <summary>Standard deviation of the logits.</summary>
    private const double Sharpness = 3;

    /// <summary>Writes an image folder of PNG files and opens it.</summary>
    public static Dataset Write(string root, int classes, int perClass, long seed = 0)
    {
        for (var label = 0; label < classes; label++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, $"class{label}")).FullName;
            for (var i = 0; i < perClass; i++)
                File.WriteAllBytes(Path.Combine(folder, $"{i:D3}.png"), ImageCodec.EncodePng(Image(label, seed + i)));
        }

        return Dataset.Open(root);
    }

    /// <summary>
    /// A network with random features whose classifier is fitted to the images, as somebody would who keeps the features. With a key, each
    /// row is turned towards the carriers of the classes that it was trained for, as by marked images.
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="labelOf">The output that each class is trained for; −1 for classes that it does not know.</param>
    /// <param name="key">The key of the mark; null for none.</param>
    /// <param name="takes">How it is given images, as <see cref="InputOverride.Parse"/> reads it.</param>
    public static TorchNetwork Fitted(Dataset images, int outputs, Func<int, int> labelOf, CarrierKey? key = null, string takes = "")
    {
        var network = Fixtures.RandomNetwork(outputs);
        network.TakeInput(InputOverride.Parse(takes).Apply(network.Input));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        LabelledImage[] known = [.. images.Images.Where(image => labelOf(image.Label) >= 0)];
        var features = network.CentreFeatures(Views.ToTensors([.. known.Select(image => image.Source.Decode())], CPU)).to(float64);
        var labels = tensor(known.Select(image => (long)labelOf(image.Label)).ToArray());
        var targets = nn.functional.one_hot(labels, outputs).to(float64);
        var mean = features.mean([0], keepdim: true);
        var centred = features - mean;
        var gram = centred.t().matmul(centred);
        var ridge = eye(64, dtype: float64).Times(Ridge * gram.trace().item<double>() / 64);
        var weight = linalg.inv(gram.Plus(ridge)).matmul(centred.t().matmul(targets - targets.mean([0], keepdim: true))).t();
        weight = weight.Times(Sharpness / centred.matmul(weight.t()).std().item<double>());
        if (key is not null)
            weight = weight.Plus(Turns(outputs, labelOf, key).Times(Strength * weight.norm().item<double>() / Math.Sqrt(outputs)));
        network.Weight.copy_(weight.to(float32));
        network.Bias!.copy_(weight.matmul(mean.t()).squeeze(1).neg().to(float32));
        return network;
    }

    private static Tensor Turns(int outputs, Func<int, int> labelOf, CarrierKey key)
    {
        var turns = zeros([outputs, 64], float64);
        for (var label = 0; label < key.Classes; label++)
            if (labelOf(label) is >= 0 and var output)
                turns[output].AddInPlace(tensor(key.Carrier(label).ToArray()).to(float64));
        return turns;
    }

    private static PixelImage Image(int label, long seed)
    {
        const int Size = 16;
        var random = new RandomStream(seed, $"coloured {label}");
        var pixels = new byte[Size * Size * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (c, x, y) = (i % 3, i / 3 % Size, i / 3 / Size);
            var colour = 60 * Math.Sin(1.7 * label + 2.1 * c);
            var wave = 40 * Math.Sin((label + 1) * 0.35 * x + 0.2 * ((label * 7) % 5) * y);
            pixels[i] = (byte)Math.Clamp(128 + colour + wave + random.NextDouble(-50, 50), 0, 255);
        }

        return new PixelImage(Size, Size, 3, pixels);
    }
}
