using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>Stochastic gradient descent as both trainers use it.</summary>
internal static class Sgd
{
    /// <summary>An optimizer of the options; Nesterov's momentum where there is any.</summary>
    public static SGD Create(IEnumerable<Parameter> parameters, TrainingOptions options) => optim.SGD(
        parameters, options.LearningRate, options.Momentum, weight_decay: options.WeightDecay, nesterov: options.Momentum > 0);

    /// <summary>Sets the learning rate of every parameter.</summary>
    public static void SetLearningRate(this optim.Optimizer optimizer, double rate)
    {
        foreach (var group in optimizer.ParamGroups) group.LearningRate = rate;
    }
}
