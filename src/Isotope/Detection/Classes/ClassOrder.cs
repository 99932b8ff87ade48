using static TorchSharp.torch;

namespace Isotope.Detection.Classes;

/// <summary>
/// Does output i stand for the owner's class i? Not if some classes' images show each other's outputs, nor if most classes are told much
/// better by a map that is found. That a class's images show another class's output is not enough: a model that was trained on strong marks
/// may know a class by its mark alone, and take its vanilla images for another class.
/// </summary>
internal static class ClassOrder
{
    /// <summary>The mean gain in recall, by a map that is found, that puts the order in doubt.</summary>
    private const double MostGained = 0.2;

    /// <summary>Standard errors that a gain has to exceed.</summary>
    private const double LeastErrors = 4;

    /// <param name="outputs">As many outputs as classes.</param>
    /// <param name="found">The map that is found on them.</param>
    public static bool Fits(LabelledOutputs outputs, FoundMap found)
    {
        var (_, heldOut) = outputs.Halves();
        var gained = found.Accuracy - heldOut.Recalls(heldOut.Values).Average();
        return gained <= Math.Max(MostGained, LeastErrors * Math.Sqrt(0.5 / heldOut.Images)) && !HasCycle(Instead(outputs));
    }

    /// <summary>For each class, the output that its images show clearly more than its own; its own where there is none.</summary>
    private static int[] Instead(LabelledOutputs outputs)
    {
        var instead = new int[outputs.Classes];
        for (var label = 0; label < instead.Length; label++)
        {
            using var scope = NewDisposeScope();
            var own = outputs.Values[tensor(Array.ConvertAll(outputs.Labels, other => other == label))];
            var most = (int)own.mean([0]).argmax().item<long>();
            var more = (own.select(1, most) - own.select(1, label)).data<double>().ToArray();
            var mean = more.Average();
            var error = Math.Sqrt(more.Sum(one => (one - mean) * (one - mean))) / more.Length;
            instead[label] = mean > LeastErrors * error ? most : label;
        }

        return instead;
    }

    /// <summary>Whether following the outputs from a class leads back to it by way of others.</summary>
    private static bool HasCycle(int[] instead) =>
        Enumerable
            .Range(0, instead.Length)
            .Any(label =>
            {
                var at = instead[label];
                for (var step = 1; step < instead.Length && at != label; step++)
                    at = instead[at];
                return at == label && instead[label] != label;
            });
}
