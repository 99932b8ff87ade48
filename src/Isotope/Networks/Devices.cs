using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Where networks run.</summary>
internal static class Devices
{
    private const string Indexed = "cuda:";

    /// <summary>Finds a device by name: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="IsotopeException">The name is unknown, or there is no such device.</exception>
    public static Device Find(string name)
    {
        if (name == "cpu")
            return CPU;
        var index = 0;
        if (name != "cuda" && (!name.StartsWith(Indexed, StringComparison.Ordinal) || !int.TryParse(name[Indexed.Length..], out index)))
            index = -1;
        if (index < 0)
            throw new IsotopeException($"--device: expected cpu or cuda:N, found '{name}'");
        var count = cuda.is_available() ? cuda.device_count() : 0;
        if (index >= count)
            throw new IsotopeException($"--device {name}: expected a GPU and a build with -p:Torch=cuda, found {count} GPUs");
        return new Device(TorchSharp.DeviceType.CUDA, index);
    }
}
