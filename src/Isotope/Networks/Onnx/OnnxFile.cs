using Google.Protobuf;
using Isotope.Networks.Checkpoints;
using static Isotope.Networks.Checkpoints.CheckpointFile;

namespace Isotope.Networks.Onnx;

/// <summary>
/// Reads an ONNX file that need not be trusted: standard operators alone, and data from its own folder alone, which become
/// part of the model, so that the runtime opens no file.
/// </summary>
internal static class OnnxFile
{
    private static readonly HashSet<string> Domains = ["", "ai.onnx", "ai.onnx.ml"];

    /// <summary>The model, complete in itself.</summary>
    /// <exception cref="IsotopeException">Missing, damaged, too large, with custom operators or with data from elsewhere.</exception>
    public static ModelProto Read(string path) => CheckpointFile.Read(path, stream =>
    {
        if (stream.Length > int.MaxValue) throw Unexpected("an ONNX file of less than 2 GiB, as protobuf has it, with larger weights as external data", $"{stream.Length} bytes");
        var model = Parse(stream);
        var parts = new OnnxParts(model);
        CheckOperators(model, parts);
        new ExternalData(path).Inline(parts.Tensors, stream.Length);
        return model;
    });

    private static ModelProto Parse(FileStream stream)
    {
        try
        {
            var model = ModelProto.Parser.ParseFrom(stream);
            model.TrainingInfo.Clear();
            return model.Graph is null ? throw Unexpected("an ONNX model", "a protobuf without a graph") : model;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Unexpected("an ONNX model", $"a damaged file: {e.Message}");
        }
    }

    private static void CheckOperators(ModelProto model, OnnxParts parts)
    {
        var own = model.Functions.Select(function => (function.Domain, function.Name)).ToHashSet();
        foreach (var node in parts.Nodes.Where(node => !Domains.Contains(node.Domain) && !own.Contains((node.Domain, node.OpType))))
            throw Unexpected("standard ONNX operators", $"the custom operator {Short(node.OpType)} of {Short(node.Domain)}");
    }
}
