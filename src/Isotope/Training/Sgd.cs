using Isotope.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>
/// Stochastic gradient descent with momentum (Nesterov's) and an L2 penalty, by the formulas of <c>torch.optim.SGD</c>. Own code, for it
/// keeps its numbers alive (<see cref="TensorArithmetic"/>): TorchSharp's now and then makes a step of another size, and training is not
/// the same twice.
/// </summary>
internal sealed class Sgd : IDisposable
{
    private readonly Parameter[] parameters;
    private readonly Scalar momentum;
    private readonly Scalar decay;
    private readonly bool hasMomentum;
    private readonly bool hasDecay;
    private Scalar step = 0.0.ToScalar();

    /// <summary>For parameters, with the options' momentum and penalty.</summary>
    public Sgd(IEnumerable<Parameter> parameters, TrainingOptions options)
    {
        this.parameters = [.. parameters];
        (momentum, decay) = (options.Momentum.ToScalar(), options.WeightDecay.ToScalar());
        (hasMomentum, hasDecay) = (options.Momentum > 0, options.WeightDecay > 0);
        Momenta = new Tensor?[this.parameters.Length];
    }

    /// <summary>The running mean of each parameter's gradients; null before its first step, or without momentum.</summary>
    public Tensor?[] Momenta { get; }

    /// <summary>Sets the learning rate.</summary>
    public void SetLearningRate(double rate)
    {
        step.Dispose();
        step = (-rate).ToScalar();
    }

    /// <summary>Forgets the gradients.</summary>
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
            if (parameters[i].grad is { } gradient)
                parameters[i].add_(Direction(i, hasDecay ? gradient.add(parameters[i], decay) : gradient), step);
        }

        GC.KeepAlive(this); // and with it the numbers above
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
