using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Detection.Readings;

/// <summary>A network's outputs for a sample: its logits, or its features if it has no classifier. N × C in double on the CPU.</summary>
internal static class Outputs
{
    private const int BatchSize = 32;

    /// <summary>Reads the sample with the network's present input.</summary>
    /// <exception cref="IsotopeException">The network can't take views of this size.</exception>
    public static TriedInput Read(Network network, LabelledSample sample, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var outputs = Of(network, sample, cancellation);
        var matched = Matched(outputs, sample);
        var inOrder = network.Classes == sample.ClassNames.Count ? InOrder(outputs, sample) : null;
        var reading = new NetworkReading(
            sample.Count,
            Chance: 1.0 / sample.Classes,
            inOrder is null ? null : Share(inOrder),
            Share(matched),
            network.Classes == 0 ? null : nn.functional.softmax(outputs, 1).amax([1]).mean().item<double>()
        );
        return new TriedInput(network.Input, reading, inOrder, matched);
    }

    /// <summary>How often each output is the largest, by class: one row per class of the dataset.</summary>
    public static int[][] Votes(Network network, LabelledSample sample, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var outputs = Of(network, sample, cancellation);
        var votes = sample.ClassNames.Select(_ => new int[outputs.shape[1]]).ToArray();
        foreach (var (label, largest) in sample.Labels.Zip(outputs.argmax(1).data<long>().ToArray()))
            votes[label][largest]++;
        return votes;
    }

    private static Tensor Of(Network network, LabelledSample sample, CancellationToken cancellation)
    {
        var parts = new List<Tensor>();
        foreach (var images in sample.Batches(BatchSize, network.Device))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var views = network.CentreViews(images);
            var outputs = network.Classes == 0 ? network.Features(views) : network.Logits(views);
            parts.Add(outputs.cpu().to(float64).MoveToOuterDisposeScope());
            foreach (var image in images)
                image.Dispose();
        }

        return cat(parts);
    }

    private static double Share(bool[] right) => right.Length == 0 ? 0 : right.Count(yes => yes) / (double)right.Length;

    private static bool[] InOrder(Tensor outputs, LabelledSample sample) =>
        [.. outputs.argmax(1).data<long>().ToArray().Zip(sample.Labels, (largest, label) => largest == label)];

    /// <summary>Whether each image is nearest to its own class's mean over the other half of the images.</summary>
    private static bool[] Matched(Tensor outputs, LabelledSample sample)
    {
        using var scope = NewDisposeScope();
        int[] labels = [.. sample.Labels.Distinct()];
        var own = tensor(sample.Labels.Select(label => (long)Array.IndexOf(labels, label)).ToArray());
        var half = tensor(HalvesOf(sample.Labels));
        var centred = outputs - outputs.mean([0], keepdim: true);
        var unit = centred / centred.norm(dim: 1, keepdim: true).AtLeast(1e-30);
        var right = zeros([sample.Count], ScalarType.Bool);
        foreach (var fitted in new[] { true, false })
        {
            var mask = (half == tensor(fitted)).to(float64).unsqueeze(1);
            var members = nn.functional.one_hot(own, labels.Length).to(float64) * mask;
            var means = members.t().matmul(unit);
            var nearest = unit.matmul((means / means.norm(dim: 1, keepdim: true).AtLeast(1e-30)).t()).argmax(1);
            right = where(half != tensor(fitted), nearest == own, right);
        }

        return right.data<bool>().ToArray();
    }

    /// <summary>Every other image of each class.</summary>
    private static bool[] HalvesOf(IReadOnlyList<int> labels)
    {
        var seen = new Dictionary<int, int>();
        return
        [
            .. labels.Select(label =>
            {
                seen[label] = seen.GetValueOrDefault(label) + 1;
                return seen[label] % 2 == 0;
            }),
        ];
    }
}
