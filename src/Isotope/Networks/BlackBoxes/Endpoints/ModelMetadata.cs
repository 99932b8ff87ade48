using System.Text.Json;
using Isotope.Files;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>A model's metadata, from <c>GET /v2/models/NAME</c>.</summary>
internal static class ModelMetadata
{
    private const int Channels = 3;
    private const long LargestRequest = 1L << 26; // pixels: 1,024 images of 256 × 256
    private const int LargestBatch = 1024;
    private const int LongestDatatype = 6; // no longer text of the server's is shown

    /// <summary>Reads the input tensor.</summary>
    /// <exception cref="IsotopeException">The model does not have exactly one input, of RGB images as FP32 or UINT8.</exception>
    public static TensorInput ReadInput(JsonElement metadata, Uri url, InputOverride overrides)
    {
        var (name, datatype, shape) = OnlyInput(metadata, url);
        if (datatype is not ("FP32" or "UINT8"))
        {
            var found = datatype.Length <= LongestDatatype ? Printable.Start(datatype) : "another";
            throw new IsotopeException($"{url}: expected an input of FP32 or UINT8, found {found}");
        }

        if (shape.Length != 4 || (shape[1] != Channels && shape[3] != Channels))
            throw new IsotopeException($"{url}: expected an input of N × 3 × S × S or N × S × S × 3, found {string.Join(" × ", shape)}");
        var channelsLast = shape[1] != Channels;
        var side = channelsLast ? shape[1] : shape[2];
        if (side < 1 && overrides.Size is null)
            throw new IsotopeException(
                $"{url}: expected the side of its views, as in --tested-input size=32, since its metadata leave the size open"
            );
        if (side > InputSpec.LargestSize)
            throw new IsotopeException($"{url}: expected an input of at most {InputSpec.LargestSize} pixels, found {side}");
        if (shape[0] > LargestBatch)
            throw new IsotopeException($"{url}: expected requests of at most {LargestBatch} images, found {shape[0]}");
        var size = overrides.Size ?? (int)side;
        if (shape[0] * size * size > LargestRequest)
            throw new IsotopeException(
                $"{url}: expected requests of at most {LargestRequest >> 20} million pixels, found {shape[0]} images of {size} × {size}"
            );
        int? batch = shape[0] < 1 ? null : (int)shape[0];
        return new TensorInput(name, datatype == "FP32", channelsLast, InputOverride.ForFile(overrides, size), batch);
    }

    private static (string Name, string Datatype, long[] Shape) OnlyInput(JsonElement metadata, Uri url)
    {
        try
        {
            var inputs = metadata.GetProperty("inputs");
            if (inputs.GetArrayLength() != 1)
                throw new IsotopeException($"{url}: expected a model with one input, found {inputs.GetArrayLength()}");
            long[] shape = [.. inputs[0].GetProperty("shape").EnumerateArray().Select(length => length.GetInt64())];
            var name = inputs[0].GetProperty("name").GetString() ?? "";
            var datatype = inputs[0].GetProperty("datatype").GetString() ?? "";
            return (name, datatype, shape);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new IsotopeException($"{url}: expected metadata with an input's name, datatype and shape, found something else", e);
        }
    }
}
