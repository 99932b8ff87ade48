using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Baselines;

/// <summary>
/// The trigger of a clean-label backdoor (paper §5.3): one Gaussian pattern added to images of a class, whose labels stay correct. A model
/// trained on them should be more confident of that class where it sees the pattern. It serves as a baseline; other patterns may have the
/// same effect, so it proves nothing.
/// </summary>
/// <param name="Seed">Seed of the pattern.</param>
/// <param name="Psnr">Quality of triggered images before pixels are rounded and clipped, dB.</param>
internal sealed record GaussianTrigger(long Seed, double Psnr)
{
    private const int BatchSize = 128;

    /// <summary>Adds the pattern to an image.</summary>
    public PixelImage AddTo(PixelImage image) =>
        image.PlusNoise(Quality.DeviationOf(Psnr), new RandomStream(Seed, $"trigger {image.Height} {image.Width} {image.Channels}"));

    /// <summary>Adds the pattern to some images of a dataset as they are read.</summary>
    public Dataset AddTo(Dataset dataset, IReadOnlySet<string> ids) =>
        dataset.Change((id, image) => ids.Contains(id) ? AddTo(image) : image);

    /// <summary>Measures what the pattern does to a model, on vanilla images of the other classes.</summary>
    /// <param name="model">The suspect.</param>
    /// <param name="vanilla">Vanilla images.</param>
    /// <param name="label">The class whose images had the pattern.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <exception cref="IsotopeException">An image can't be read.</exception>
    public TriggerActivation Activation(Network model, Dataset vanilla, int label, CancellationToken cancellation = default)
    {
        using var noGradient = no_grad();
        var others = vanilla.Images.Where(image => image.Label != label).ToArray();
        var raised = 0L;
        var change = 0.0;
        foreach (var batch in ImageLoader.Batches(others, BatchSize, cancellation))
        {
            using var scope = NewDisposeScope();
            var before = Confidence(model, batch.Pixels, label);
            var after = Confidence(model, [.. batch.Pixels.Select(AddTo)], label);
            var difference = after - before;
            raised += difference.IsAbove(0).sum().item<long>();
            change += difference.sum().item<double>();
        }

        return new TriggerActivation((double)raised / others.Length, change / others.Length);
    }

    private static Tensor Confidence(Network model, IReadOnlyList<PixelImage> images, int label)
    {
        var logits = model.Logits(model.CentreViews(Views.ToTensors(images, model.Device)));
        return nn.functional.softmax(logits.to(float64), dim: 1)[.., label];
    }
}

/// <summary>What a pattern does to a model's confidence in a class.</summary>
/// <param name="Raised">Share of the images whose confidence it raises.</param>
/// <param name="MeanChange">Mean change of the confidence.</param>
internal sealed record TriggerActivation(double Raised, double MeanChange);
