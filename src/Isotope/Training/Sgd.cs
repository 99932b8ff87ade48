using Isotope.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>
/// Stochastic gradient descent with Nesterov momentum and an L2 penalty, by the formulas of <c>torch.optim.SGD</c>. Unlike TorchSharp's,
/// ours keeps its numbers alive (<see cref="TensorArithmetic"/>): theirs now and then takes a step of another size, so that training can't
/// be repeated.
/// </summary>
internal sealed class Sgd : IDisposable
{
    private readonly Parameter[] parameters;
    private readonly Scalar momentum;
    private readonly Scalar decay;
    private readonly bool hasMomentum;
    private readonly bool hasDecay;
    private Scalar step = 0.0.ToScalar();

    /// <summary>An optimizer of parameters, with the momentum and weight decay of the options.</summary>
    public Sgd(IEnumerable<Parameter> parameters, TrainingOptions options)
    {
        this.parameters = [.. parameters];
        momentum = options.Momentum.ToScalar();
        decay = options.WeightDecay.ToScalar();
        hasMomentum = options.Momentum > 0;
        hasDecay = options.WeightDecay > 0;
        Momenta = new Tensor?[this.parameters.Length];
    }

    /// <summary>Momentum buffer of each parameter; null before its first step, or without momentum.</summary>
    public Tensor?[] Momenta { get; }

    /// <summary>Sets the learning rate.</summary>
    public void SetLearningRate(double rate)
    {
        step.Dispose();
        step = (-rate).ToScalar();
    }

    /// <summary>Clears the gradients.</summary>
    public void ZeroGrad()
    {
        foreach (var parameter in parameters)
            parameter.grad = null;
    }

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Step()
    {
        using var noGradient = no_grad();
        for (var i = 0; i < parameters.Length; i++)
        {
            using var scope = NewDisposeScope();
            if (parameters[i].grad is not { } gradient)
                continue;
            var penalised = hasDecay ? gradient.add(parameters[i], decay) : gradient;
            parameters[i].add_(Direction(i, penalised), step);
        }

        GC.KeepAlive(this); // and so the scalars in its fields
    }

    public void Dispose()
    {
        foreach (var buffer in Momenta)
            buffer?.Dispose();
        foreach (var number in (Scalar[])[momentum, decay, step])
            number.Dispose();
    }

    private Tensor Direction(int i, Tensor gradient)
    {
        if (!hasMomentum)
            return gradient;
        if (Momenta[i] is { } buffer)
            buffer.mul_(momentum).AddInPlace(gradient);
        else
            Momenta[i] = gradient.clone().DetachFromDisposeScope();
        return gradient.add(Momenta[i]!, momentum);
    }
}
