using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Where networks run.</summary>
public static class Devices
{
    /// <summary>The device of a name: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="IsotopeException">Unknown, or not there.</exception>
    public static Device Find(string name)
    {
        if (name == "cpu")
            return CPU;
        var index =
            name == "cuda" ? 0
            : name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name[5..], out var given) ? given
            : -1;
        if (index < 0)
            throw new IsotopeException($"--device: expected cpu or cuda:N, found '{name}'");
        if (!cuda.is_available() || index >= cuda.device_count())
            throw new IsotopeException(
                $"--device {name}: expected a GPU and a build with -p:Torch=cuda, found "
                    + $"{(cuda.is_available() ? cuda.device_count() : 0)} GPUs"
            );
        return new Device(TorchSharp.DeviceType.CUDA, index);
    }
}
