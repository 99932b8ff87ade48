using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>The two linear layers of a transformer's block, named <c>0</c> and <c>3</c> as in torchvision.</summary>
internal sealed class Perceptron : nn.Module<Tensor, Tensor>
{
    private readonly Linear expand;
    private readonly Linear project;

    public Perceptron(int width, Device? device)
        : base(nameof(Perceptron))
    {
        expand = nn.Linear(width, 4 * width, device: device);
        project = nn.Linear(4 * width, width, device: device);
        register_module("0", expand);
        register_module("3", project);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return project.call(nn.functional.gelu(expand.call(input))).MoveToOuterDisposeScope();
    }
}
