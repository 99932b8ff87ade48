using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;
using Isotope.Numerics;
using Isotope.Runs;

namespace Isotope.Tests.Detection.BlackBoxes;

/// <summary>A model whose answers are a function of the image alone.</summary>
internal sealed class FakeModel(OutputKind gives, Func<LabelledImage, Answer> answer, int classes = 3) : BlackBox(classes, gives)
{
    /// <summary>A model that never saw anything: its answers are noise of its own seed.</summary>
    public static FakeModel Noise(OutputKind gives, long seed) =>
        new(
            gives,
            image =>
            {
                var random = new RandomStream(seed, image.Id);
                return gives switch
                {
                    OutputKind.Probabilities => new Answer
                    {
                        Probabilities = Shares([.. Enumerable.Range(0, 3).Select(_ => random.NextDouble())]),
                    },
                    OutputKind.Loss => new Answer { Loss = random.NextDouble() },
                    OutputKind.TopLabels => new Answer { TopLabels = [random.Next(3)] },
                    _ => new Answer { TopLabels = [random.NextDouble() < 0.8 ? image.Label : 0] },
                };
            }
        );

    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        Queries += images.Count;
        return [.. images.Select(answer)];
    }

    private static double[] Shares(double[] weights) => [.. weights.Select(weight => weight / weights.Sum())];
}
