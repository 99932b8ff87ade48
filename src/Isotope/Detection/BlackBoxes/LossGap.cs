using Isotope.Numerics;

namespace Isotope.Detection.BlackBoxes;

/// <summary>
/// The paper's black-box figure (§3.5): mean loss on vanilla images minus mean loss on their published marked versions. It is an effect
/// size without a p-value, since marked images may be easier or harder for any model, whether or not it saw them.
/// </summary>
/// <param name="Mean">Positive if the model does better on the marked images.</param>
/// <param name="Low">2.5 % point of the bootstrap over images.</param>
/// <param name="High">97.5 % point of the bootstrap over images.</param>
/// <param name="Images">Number of pairs.</param>
public sealed record LossGap(double Mean, double Low, double High, int Images)
{
    private const int Resamples = 2000;
    private const long Seed = 0;

    /// <summary>Mean and percentile interval of differences, from 2,000 resamples with a fixed seed.</summary>
    internal static LossGap Of(IReadOnlyList<double> differences)
    {
        var random = new RandomStream(Seed, "loss gap");
        double[] means = [.. Enumerable.Range(0, Resamples).Select(_ => ResampledMean()).Order()];
        var low = means[Resamples * 25 / 1000];
        var high = means[Resamples * 975 / 1000];
        return new LossGap(differences.Average(), low, high, differences.Count);

        double ResampledMean()
        {
            var sum = 0.0;
            for (var i = 0; i < differences.Count; i++)
                sum += differences[random.Next(differences.Count)];
            return sum / differences.Count;
        }
    }
}
