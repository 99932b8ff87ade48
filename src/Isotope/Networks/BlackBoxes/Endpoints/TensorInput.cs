using System.Text.Json;
using Isotope.Datasets;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>The input tensor of a served model: its name, type and layout, and the views that go into it.</summary>
/// <param name="Name">Name of the input.</param>
/// <param name="IsFloat">Whether it takes FP32, normalised; else UINT8, grey levels.</param>
/// <param name="ChannelsLast">Whether its shape is N × S × S × 3; else N × 3 × S × S.</param>
/// <param name="Views">Size, crop and normalisation of the views.</param>
/// <param name="Batch">Images per request, if the model fixes it; else null.</param>
internal sealed record TensorInput(string Name, bool IsFloat, bool ChannelsLast, InputSpec Views, int? Batch)
{
    /// <summary>The protocol's name of the type.</summary>
    public string Datatype => IsFloat ? "FP32" : "UINT8";

    /// <summary>Writes the tensor of a batch; if the model fixes the number of images, the last one is repeated to reach it.</summary>
    public void Write(Utf8JsonWriter json, IReadOnlyList<PixelImage> images)
    {
        using var scope = NewDisposeScope();
        var missing = Math.Max(0, (Batch ?? 0) - images.Count);
        var tensor = Tensor([.. images, .. Enumerable.Repeat(images[^1], missing)]);
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString("datatype", Datatype);
        json.WriteStartArray("shape");
        foreach (var length in tensor.shape)
            json.WriteNumberValue(length);
        json.WriteEndArray();
        json.WriteStartArray("data");
        foreach (var value in tensor.data<float>())
            json.WriteNumberValue(value);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private Tensor Tensor(IReadOnlyList<PixelImage> images)
    {
        var tensors = Datasets.Views.ToTensors(images, CPU);
        var views = Datasets.Views.Stack(tensors, i => Crop.Centre(images[i].Width, images[i].Height, Views.CentreRatio), Views.Size);
        var values = IsFloat ? Views.Normalised(views) : Views.Ordered(views.round().ClampInPlace(0, 255));
        return (ChannelsLast ? values.permute(0, 2, 3, 1) : values).contiguous();
    }
}
