using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>The views used in training.</summary>
internal static class TrainingViews
{
    /// <summary>One view per image, drawn from (seed, epoch, image id): N × 3 × S × S on the network's device.</summary>
    public static Tensor Draw(ImageBatch batch, TrainingOptions options, int epoch, Network network)
    {
        using var scope = NewDisposeScope();
        var images = batch.Pixels.Select(Views.ToTensor).ToArray();
        return Views.Stack(images, DrawCrop, network.Input.Size).to(network.Device).MoveToOuterDisposeScope();

        Crop DrawCrop(int i)
        {
            var random = new RandomStream(options.Seed, $"view {epoch} {batch.Images[i].Id}");
            return Crop.Draw(options.Augmentation, batch.Pixels[i].Width, batch.Pixels[i].Height, network.Input.CentreRatio, random);
        }
    }
}
