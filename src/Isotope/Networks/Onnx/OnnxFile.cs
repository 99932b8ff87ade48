using System.Text;
using Google.Protobuf;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Onnx;

/// <summary>An untrusted ONNX file, checked: it has only standard operators, and only data from its own folder.</summary>
/// <param name="Path">The file.</param>
/// <param name="Model">Its content.</param>
/// <param name="External">Its external data.</param>
internal sealed record OnnxFile(string Path, ModelProto Model, ExternalData External)
{
    private static readonly HashSet<string> Domains = ["", "ai.onnx", "ai.onnx.ml"];

    /// <summary>Reads and checks a model.</summary>
    /// <exception cref="IsotopeException">
    /// The file is missing, damaged, too large, or has custom operators or data from elsewhere.
    /// </exception>
    public static OnnxFile Read(string path) =>
        UntrustedFile.Read(
            path,
            stream =>
            {
                if (stream.Length > int.MaxValue)
                    throw Unexpected(
                        "an ONNX file of less than 2 GiB, the limit of protobuf, with larger weights as external data",
                        $"{stream.Length} bytes"
                    );
                var model = Parse(stream);
                var parts = new OnnxParts(model);
                CheckOperators(model, parts);
                return new OnnxFile(path, model, new ExternalData(path, parts.Tensors));
            }
        );

    /// <summary>Side of the square views, pixels; null if the model leaves it open or takes something else.</summary>
    public int? InputSize
    {
        get
        {
            var given = Model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
            var shape = Model.Graph.Input.FirstOrDefault(input => !given.Contains(input.Name))?.Type?.TensorType?.Shape?.Dim;
            if (shape is not [_, _, { DimValue: > 0 and <= int.MaxValue and var height }, { DimValue: var width }] || height != width)
                return null;
            return (int)height;
        }
    }

    /// <summary>
    /// SHA-256 of the model's file. If it has external data, what <c>(sha256sum - &lt; MODEL; sha256sum FILE…) | sha256sum</c> prints in
    /// its folder, with the files in byte order of their names.
    /// </summary>
    public string Sha256()
    {
        var model = Hashes.OfFile(Path);
        if (External.Files.Count == 0)
            return model;
        var lines = External.Files.Select(file => $"{Hashes.OfFile(file.Value)}  {file.Key}\n");
        return Hashes.OfBytes(Encoding.UTF8.GetBytes($"{model}  -\n{string.Concat(lines)}"));
    }

    private static ModelProto Parse(FileStream stream)
    {
        try
        {
            var model = ModelProto.Parser.ParseFrom(stream);
            model.TrainingInfo.Clear();
            if (model.Graph is null)
                throw Unexpected("an ONNX model", "a protobuf without a graph");
            return model;
        }
        catch (InvalidProtocolBufferException)
        {
            throw Unexpected(
                "an ONNX model",
                "a damaged file, or another protobuf, such as TensorFlow's or Core ML's (docs/export.md says how to bring a model)"
            );
        }
    }

    private static void CheckOperators(ModelProto model, OnnxParts parts)
    {
        var own = model.Functions.Select(function => (function.Domain, function.Name)).ToHashSet();
        var custom = parts.Nodes.Find(node => !Domains.Contains(node.Domain) && !own.Contains((node.Domain, node.OpType)));
        if (custom is not null)
            throw Unexpected(
                "standard ONNX operators",
                $"the custom operator {Printable.Start(custom.OpType)} of {Printable.Start(custom.Domain)}; export again with standard ones, "
                    + "or give the file from before an optimiser changed it"
            );
    }
}
