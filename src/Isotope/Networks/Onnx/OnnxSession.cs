using System.Runtime.InteropServices;
using Google.Protobuf;
using Isotope.Files;
using Isotope.Numerics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Isotope.Networks.Onnx;

/// <summary>ONNX Runtime, on the CPU: sessions, and their numbers as tensors.</summary>
internal static class OnnxSession
{
    /// <summary>Prepares a checked model to be run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">Where its external data are.</param>
    public static InferenceSession Start(ModelProto model, string folder)
    {
        using SessionOptions options = new()
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = get_num_threads(),
        };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
        return new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>Whether numbers of this type can be outputs of a classifier.</summary>
    public static bool IsFloat(TensorElementType type) =>
        type is TensorElementType.Float or TensorElementType.Float16 or TensorElementType.Double;

    /// <summary>A value's numbers as 32-bit floats, in the value's shape.</summary>
    /// <exception cref="InvalidOperationException">It holds something else than floating-point numbers.</exception>
    public static Tensor ToTensor(OrtValue value)
    {
        var shape = value.GetTensorTypeAndShape();
        return shape.ElementDataType switch
        {
            TensorElementType.Float => tensor(value.GetTensorDataAsSpan<float>().ToArray(), shape.Shape),
            TensorElementType.Double => tensor(value.GetTensorDataAsSpan<double>().ToArray(), shape.Shape).to(float32),
            TensorElementType.Float16 => FromHalf(value.GetTensorDataAsSpan<Float16>(), shape.Shape),
            var other => throw new InvalidOperationException($"a value of {other} where numbers were expected"),
        };
    }

    /// <summary>Numbers as a model takes them.</summary>
    /// <exception cref="InvalidOperationException">Isotope has no such numbers.</exception>
    public static OrtValue FromTensor(Tensor numbers, TensorElementType type)
    {
        using var scope = NewDisposeScope();
        var shape = numbers.shape;
        return type switch
        {
            TensorElementType.Float => OrtValue.CreateTensorValueFromMemory(Values<float>(numbers, float32), shape),
            TensorElementType.Double => OrtValue.CreateTensorValueFromMemory(Values<double>(numbers, float64), shape),
            TensorElementType.Float16 => OrtValue.CreateTensorValueFromMemory(Values<Float16>(numbers, float16), shape),
            TensorElementType.UInt8 => OrtValue.CreateTensorValueFromMemory(
                Values<byte>(numbers.round().AtLeast(0).AtMost(255), uint8),
                shape
            ),
            _ => throw new InvalidOperationException($"an input of {type}"),
        };
    }

    /// <summary>Turns ONNX Runtime's exceptions into one line.</summary>
    /// <exception cref="IsotopeException">The call failed.</exception>
    public static T Try<T>(string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (IsOfRuntime(e))
        {
            throw new IsotopeException(
                $"{path}: expected an ONNX model that runs, found: {Printable.FirstLine(e.Message)} (docs/export.md)",
                e
            );
        }
    }

    private static bool IsOfRuntime(Exception e) => e is OnnxRuntimeException or ExternalException or InvalidOperationException;

    private static T[] Values<T>(Tensor numbers, ScalarType type)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(numbers.to(type).contiguous().bytes).ToArray();

    private static Tensor FromHalf(ReadOnlySpan<Float16> values, long[] shape)
    {
        var floats = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
            floats[i] = values[i].ToFloat();
        return tensor(floats, shape);
    }
}
