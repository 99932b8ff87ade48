using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// Batch normalisation of images, with the names and defaults of <c>torch.nn.BatchNorm2d</c>. We have our own because TorchSharp's counts
/// its batches with a temporary number that may be freed while torch reads it (<see cref="TensorArithmetic"/>), which now and then ends a
/// training run. The count, which nothing needs, stays as it was loaded.
/// </summary>
internal sealed class BatchNorm : nn.Module<Tensor, Tensor>
{
    /// <summary>Added to variances.</summary>
    public const double Epsilon = 1e-5;

    private const double Momentum = 0.1;

    public BatchNorm(int channels, Device? device)
        : base(nameof(BatchNorm))
    {
        register_parameter(nameof(weight), new Parameter(ones(channels, device: device)));
        register_parameter(nameof(bias), new Parameter(zeros(channels, device: device)));
        register_buffer(nameof(running_mean), zeros(channels, device: device));
        register_buffer(nameof(running_var), ones(channels, device: device));
        register_buffer("num_batches_tracked", tensor(0L, device: device));
    }

    public Parameter weight => get_parameter(nameof(weight))!;

    public Parameter bias => get_parameter(nameof(bias))!;

    public Tensor running_mean => get_buffer(nameof(running_mean))!;

    public Tensor running_var => get_buffer(nameof(running_var))!;

    public override Tensor forward(Tensor input) =>
        nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training, Momentum, Epsilon);
}
