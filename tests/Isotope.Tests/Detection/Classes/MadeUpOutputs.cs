using Isotope.Detection.Classes;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection.Classes;

/// <summary>Outputs of a model that does not exist.</summary>
internal static class MadeUpOutputs
{
    /// <summary>Images of each class.</summary>
    public const int PerClass = 40;

    /// <summary>Random shares of the outputs, as large as their weights.</summary>
    /// <param name="classes">The owner's classes.</param>
    /// <param name="outputs">The model's outputs.</param>
    /// <param name="weight">Of an output, for a class.</param>
    /// <param name="random">Where shares come from.</param>
    public static LabelledOutputs Of(int classes, int outputs, Func<int, int, double> weight, RandomStream random)
    {
        var labels = Enumerable.Range(0, classes * PerClass).Select(i => (long)(i % classes)).ToArray();
        double[] weights =
        [
            .. labels.SelectMany(label => Enumerable.Range(0, outputs).Select(output => weight((int)label, output) * random.NextDouble())),
        ];
        var values = tensor(weights, [labels.Length, outputs]);
        return new LabelledOutputs(values / values.sum(dim: 1, keepdim: true), labels, classes);
    }
}
