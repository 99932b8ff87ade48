using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>What a model itself returns for views.</summary>
/// <param name="Values">N × C.</param>
/// <param name="AreProbabilities">
/// Whether they are numbers of 0 to 1, by softmax, whose sum is 1, or by sigmoid, whose sum is any; else they are logits.
/// </param>
internal readonly record struct NetworkOutputs(Tensor Values, bool AreProbabilities);
