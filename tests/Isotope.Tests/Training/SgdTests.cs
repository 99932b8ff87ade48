using Isotope.Numerics;
using Isotope.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Tests.Training;

public sealed class SgdTests
{
    [Theory]
    [InlineData(0.9, 0.01)]
    [InlineData(0.9, 0)]
    [InlineData(0, 0.01)]
    [InlineData(0, 0)]
    public void Step_AnyOptions_MovesAsTorchsOwn(double momentum, double decay)
    {
        using var scope = NewDisposeScope();
        var start = tensor(Enumerable.Range(0, 12).Select(i => i / 10f).ToArray(), [3, 4]);
        var (own, torchs) = (new Parameter(start.clone()), new Parameter(start.clone()));
        var options = new TrainingOptions { Momentum = momentum, WeightDecay = decay };
        using var sgd = new Sgd([own], options);
        using var reference = optim.SGD([torchs], 0.1, momentum, weight_decay: decay, nesterov: momentum > 0);
        foreach (var rate in (double[])[0.1, 0.3, 0.05, 0.01])
        {
            sgd.SetLearningRate(rate);
            foreach (var group in reference.ParamGroups)
                group.LearningRate = rate;
            sgd.ZeroGrad();
            reference.zero_grad();
            own.Plus(-1).Squared().Squared().sum().backward();
            torchs.Plus(-1).Squared().Squared().sum().backward();
            sgd.Step();
            reference.step();
            Assert.True(own.allclose(torchs, rtol: 1e-6, atol: 1e-7));
        }
    }

    [Fact]
    public void Step_ParameterWithoutGradient_StaysAsItIs()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(ones(3));
        using var sgd = new Sgd([parameter], new TrainingOptions());
        sgd.SetLearningRate(1);
        sgd.Step();
        Assert.True(parameter.allclose(ones(3)));
    }
}
