using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Isotope.Networks.Onnx;

/// <summary>A checked ONNX model that is ready to run: from normalised views to any value on the way to its outputs.</summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly string path;
    private readonly InferenceSession session;

    /// <summary>Prepares a model.</summary>
    /// <param name="file">The file; values on the ways to its outputs become outputs.</param>
    /// <param name="overrides">What the user says of its input.</param>
    /// <exception cref="IsotopeException">It has another input, or can't be run.</exception>
    public OnnxModel(OnnxFile file, InputOverride? overrides)
    {
        path = file.Path;
        RefuseTraining(file);
        Graph = new OnnxGraph(file.Model);
        Paths = [.. file.Model.Graph.Output.Select(output => OnnxPath.Of(output.Name, Graph))];
        Show(file.Model.Graph);
        var takesGreyLevels = OnnxInput.Widen(Graph);
        session = OnnxSession.Try(path, () => OnnxSession.Start(file.Model, file.External.Folder));
        try
        {
            Input = OnnxInput.Of(session, path, overrides) with { TakesGreyLevels = takesGreyLevels };
            // One scale for all images of a run makes each answer depend on the others.
            if (file.Model.Graph.Node.Any(node => node.OpType == "DynamicQuantizeLinear"))
                Input = Input with { Batch = Input.Batch ?? 1 };
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Its graph.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>The way to each output.</summary>
    public IReadOnlyList<OnnxPath> Paths { get; }

    /// <summary>What it takes.</summary>
    public OnnxInput Input { get; private set; }

    /// <summary>The model's outputs for these normalised views, and which way round it takes views, where it does not say.</summary>
    /// <exception cref="IsotopeException">It can't be run.</exception>
    public IReadOnlyList<OnnxOutput> Outputs(Tensor views)
    {
        if (Input.ChannelsLast is not null)
            return [.. Paths.Select(way => OutputOf(way, views))];
        Input = Input with { ChannelsLast = false };
        try
        {
            return Outputs(views);
        }
        catch (IsotopeException)
        {
            Input = Input with { ChannelsLast = true };
            return Outputs(views);
        }
    }

    /// <summary>A value for these normalised views, N × its shape, computed in runs of the model's batch size.</summary>
    /// <exception cref="IsotopeException">It can't be run, or the value has not one entry per view.</exception>
    public Tensor Run(Tensor views, string value)
    {
        using var scope = NewDisposeScope();
        if (Input.Batch is not { } batch)
            return RunBatch(views, value).MoveToOuterDisposeScope();
        var parts = views.split(batch).Select(part => RunBatch(Network.Pad(part, batch), value).narrow(0, 0, part.shape[0]));
        return cat([.. parts]).MoveToOuterDisposeScope();
    }

    /// <summary>Whether a value has 16 bits.</summary>
    public bool IsHalf(string value) => session.OutputMetadata[value].ElementDataType == TensorElementType.Float16;

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private OnnxOutput OutputOf(OnnxPath way, Tensor views)
    {
        var metadata = session.OutputMetadata[way.Output];
        if (!metadata.IsTensor || !OnnxSession.IsFloat(metadata.ElementDataType))
            return new OnnxOutput(way, metadata.IsTensor ? $"({metadata.ElementDataType})" : "(no tensor)", HasClasses: false);
        using var scope = NewDisposeScope();
        var shape = RunAny(views.narrow(0, 0, Input.Batch ?? views.shape[0]), way.Output).shape;
        var hasClasses = shape.Length > 1 && shape[0] == (Input.Batch ?? views.shape[0]) && HeadCheck.Columns(shape) > 1;
        return new OnnxOutput(way, string.Join(" × ", shape.Skip(1).Select(n => $"{n}").Prepend("N")), hasClasses && !way.IsRanking);
    }

    private Tensor RunBatch(Tensor views, string value)
    {
        var result = RunAny(views, value);
        return result.dim() > 0 && result.shape[0] == views.shape[0]
            ? result
            : throw new IsotopeException(
                $"{path}: expected one answer per image, found [{string.Join(", ", result.shape)}] for {views.shape[0]}"
            );
    }

    private Tensor RunAny(Tensor views, string value) =>
        OnnxSession.Try(
            path,
            () =>
            {
                using var fed = Input.Value(views);
                using RunOptions options = new();
                using var results = session.Run(options, [Input.Name], [fed], [value]);
                return OnnxSession.ToTensor(results[0]);
            }
        );

    /// <summary>Makes outputs of the values from which an answer is read.</summary>
    private void Show(GraphProto graph)
    {
        var shown = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var way in Paths)
        foreach (var name in new[] { way.Linear?.Input[0], way.Logits, way.Shown })
            if (name is not null && shown.Add(name))
                graph.Output.Add(new ValueInfoProto { Name = name });
    }

    private void RefuseTraining(OnnxFile file)
    {
        var isTraining = file.Model.Graph.Node.Any(node =>
            node.OpType == "BatchNormalization"
            && (node.Output.Count(name => name != "") > 1 || OnnxGraph.Integer(node, "training_mode") != 0)
        );
        if (isTraining)
            throw HeadCheck.Unsteady(path);
    }
}
