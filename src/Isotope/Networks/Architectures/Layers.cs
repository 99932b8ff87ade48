using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>Parts that architectures share. A device of <c>null</c> is the CPU.</summary>
internal static class Layers
{
    /// <summary>A convolution that keeps the size at stride 1, by default without bias.</summary>
    public static Conv2d Convolution(
        int inputs,
        int outputs,
        int kernel,
        Device? device,
        int stride = 1,
        int groups = 1,
        bool bias = false
    ) => nn.Conv2d(inputs, outputs, kernel_size: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: bias, device: device);

    /// <summary>
    /// A number of blocks in sequence, of which the first changes the shape. <paramref name="block"/> builds one from its input channels,
    /// output channels and stride.
    /// </summary>
    public static Sequential Stage(int count, int inputs, int outputs, int stride, Func<int, int, int, nn.Module<Tensor, Tensor>> block) =>
        nn.Sequential(Enumerable.Range(0, count).Select(i => i == 0 ? block(inputs, outputs, stride) : block(outputs, outputs, 1)));

    /// <summary>He et al. 2015: convolutions normal with variance 2 / fan, biases 0.</summary>
    public static void InitialiseConvolutions(nn.Module module, nn.init.FanInOut fan = nn.init.FanInOut.FanOut)
    {
        foreach (var convolution in module.modules().OfType<Conv2d>())
        {
            nn.init.kaiming_normal_(convolution.weight!, mode: fan, nonlinearity: nn.init.NonlinearityType.ReLU);
            if (convolution.bias is { } bias)
                nn.init.zeros_(bias);
        }
    }

    /// <summary>Linear layers normal with standard deviation 0.01, biases 0.</summary>
    public static void InitialiseLinear(nn.Module module)
    {
        foreach (var linear in module.modules().OfType<Linear>())
        {
            nn.init.normal_(linear.weight!, 0, 0.01);
            nn.init.zeros_(linear.bias!);
        }
    }

    /// <summary>Weights normal with standard deviation 0.02, biases 0, as transformers start; norms and scales stay.</summary>
    public static void InitialiseNarrow(nn.Module module)
    {
        foreach (var (name, parameter) in module.named_parameters())
            if (parameter.numel() > parameter.shape[0])
                nn.init.normal_(parameter, 0, 0.02);
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                nn.init.zeros_(parameter);
    }
}
