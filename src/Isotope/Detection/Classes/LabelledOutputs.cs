using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection.Classes;

/// <summary>What a model puts out for vanilla images of known classes.</summary>
/// <param name="Values">Probabilities or features, N × m in double on the CPU.</param>
/// <param name="Labels">The images' classes, N.</param>
/// <param name="Classes">Number of classes K.</param>
internal sealed record LabelledOutputs(Tensor Values, long[] Labels, int Classes)
{
    private const int BatchSize = 128;

    /// <summary>Enough to measure the outputs' means: the alignment needs more.</summary>
    private const int FewestLooked = 2_000;
    private const int MostLooked = 10_000;
    private const int LookedPerClass = 20;

    /// <summary>Number of images.</summary>
    public int Images => Labels.Length;

    /// <summary>Images of the smallest class.</summary>
    public int FewestPerClass => Enumerable.Range(0, Classes).Min(label => Labels.Count(other => other == label));

    /// <summary>Every other image of each class, to fit on, and the others, to measure on.</summary>
    public (LabelledOutputs Fitted, LabelledOutputs HeldOut) Halves()
    {
        var seen = new int[Classes];
        var isFitted = tensor(Labels.Select(label => seen[label]++ % 2 == 0).ToArray());
        return (Of(isFitted), Of(~isFitted));

        LabelledOutputs Of(Tensor chosen) => new(Values[chosen], tensor(Labels)[chosen].data<long>().ToArray(), Classes);
    }

    /// <summary>The outputs' mean over the images of each class, K × m.</summary>
    public Tensor Means()
    {
        var oneHot = OneHot();
        return oneHot.t().matmul(Values) / oneHot.sum(dim: 0).AtLeast(1).unsqueeze(1);
    }

    /// <summary>Labels as N × K.</summary>
    public Tensor OneHot() => nn.functional.one_hot(tensor(Labels), Classes).to(float64);

    /// <summary>Share of each class's images whose best score is their own class's.</summary>
    /// <param name="scores">N × K.</param>
    public double[] Recalls(Tensor scores)
    {
        var best = scores.argmax(1).data<long>().ToArray();
        var right = new double[Classes];
        var count = new double[Classes];
        for (var i = 0; i < best.Length; i++)
        {
            count[Labels[i]]++;
            if (best[i] == Labels[i])
                right[Labels[i]]++;
        }

        return [.. right.Zip(count, (r, n) => r / Math.Max(1, n))];
    }

    /// <summary>For each class, the mean score of its own images minus that of the others.</summary>
    /// <param name="scores">N × K.</param>
    public double[] Contrasts(Tensor scores)
    {
        var oneHot = OneHot();
        var own = (oneHot * scores).sum(dim: 0) / oneHot.sum(dim: 0).AtLeast(1);
        var rest = oneHot.From(1);
        var others = (rest * scores).sum(dim: 0) / rest.sum(dim: 0).AtLeast(1);
        return (own - others).data<double>().ToArray();
    }

    /// <summary>A network's probabilities, or its features if it has no classifier. The tensors belong to the caller's scope.</summary>
    /// <exception cref="IsotopeException">They are not finite.</exception>
    public static LabelledOutputs Of(
        Network network,
        Dataset images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var classes = images.ClassNames.Count;
        var looked = Spread([.. images.Images.Where(image => image.Label != Dataset.Unlabelled)], classes);
        List<Tensor> values = [];
        var done = 0;
        foreach (var batch in ImageLoader.Batches(looked, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            var pixels = Views.ToTensors(batch.Pixels, network.Device);
            values.Add(OutputsOf(network, pixels).MoveToOuterDisposeScope());
            done += batch.Images.Count;
            progress?.Report(new StageProgress("classes", done, looked.Count));
        }

        var all = values.Count == 0 ? zeros([0, 1], float64) : cat(values);
        if (!all.isfinite().all().item<bool>())
            throw new IsotopeException(
                "network: expected finite outputs, found others; the checkpoint is damaged or the normalisation wrong"
            );
        return new LabelledOutputs(all.MoveToOuterDisposeScope(), [.. looked.Select(image => (long)image.Label)], classes);
    }

    /// <summary>What a black box says: its probabilities, or 1 for its first label.</summary>
    public static LabelledOutputs Of(BlackBox model, IReadOnlyList<LabelledImage> images, IReadOnlyList<Answer> answers, int classes)
    {
        var values = new double[images.Count * model.Classes];
        foreach (var (i, answer) in answers.Index())
            if (answer.Probabilities is { } probabilities)
                probabilities.ToArray().CopyTo(values, i * model.Classes);
            else if (answer.TopLabels is { Count: > 0 } labels)
                values[i * model.Classes + labels[0]] = 1;
        return new LabelledOutputs(tensor(values, [images.Count, model.Classes]), [.. images.Select(image => (long)image.Label)], classes);
    }

    /// <summary>As many images as it takes, evenly spaced within each class.</summary>
    public static IReadOnlyList<LabelledImage> Spread(IReadOnlyList<LabelledImage> images, int classes)
    {
        var perClass = Math.Clamp(LookedPerClass * classes, FewestLooked, MostLooked) / Math.Max(1, classes);
        return [.. images.GroupBy(image => image.Label).OrderBy(same => same.Key).SelectMany(same => EvenlySpaced.Of([.. same], perClass))];
    }

    private static Tensor OutputsOf(Network network, Tensor[] pixels)
    {
        if (network.Classes == 0)
            return network.CentreFeatures(pixels).cpu().to(float64);
        var logits = MemoryShortage.Halving(pixels, part => network.Logits(network.CentreViews(part)));
        return nn.functional.softmax(cat([.. logits]).cpu().to(float64), dim: 1);
    }
}
