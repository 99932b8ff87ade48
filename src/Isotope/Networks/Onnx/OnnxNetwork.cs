using Isotope.Files;
using static TorchSharp.torch;

namespace Isotope.Networks.Onnx;

/// <summary>
/// An ONNX model, run by ONNX Runtime on the CPU. It has no gradients, so it can only be tested. Its features are the input of its final
/// linear layer; without such a layer, its outputs are.
/// </summary>
internal sealed class OnnxNetwork : Network
{
    private readonly string path;
    private readonly OnnxModel model;
    private readonly OnnxPath way;
    private string features;
    private Func<Tensor, Tensor> read = HeadCheck.Flat;
    private Tensor weight;
    private Tensor? bias;
    private int outputs;

    private OnnxNetwork(OnnxFile file, OnnxModel model, OnnxPath way, InputSpec spec, Device device)
        : base("onnx", spec, file.Sha256(), device)
    {
        path = file.Path;
        this.model = model;
        this.way = way;
        features = way.Logits;
        weight = zeros([0, 0]).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Weight => weight;

    /// <inheritdoc/>
    public override Tensor? Bias => bias;

    /// <inheritdoc/>
    internal override int OutputClasses => outputs;

    /// <inheritdoc/>
    internal override string? Reading => Describe(way, model.Paths, Classes > 0);

    /// <summary>Loads a model and finds its classifier.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">Name of the output that is its answer; null to find it.</param>
    /// <param name="device">Where its features and outputs are wanted.</param>
    /// <param name="overrides">What the user says of its input; null where there are no options for that.</param>
    /// <exception cref="IsotopeException">
    /// The file is damaged or not harmless, its input size is unknown, or it has not one answer per class.
    /// </exception>
    public static OnnxNetwork Open(string path, string? output, Device device, InputOverride? overrides)
    {
        using var scope = NewDisposeScope();
        var file = OnnxFile.Read(path);
        var model = new OnnxModel(file, overrides);
        OnnxNetwork? network = null;
        try
        {
            var spec = SpecOf(model.Input, overrides);
            var views = HeadCheck.Views(model.Input.Size);
            var outputs = model.Outputs(spec.Normalised(views));
            var way = UntrustedFile.Guard(path, () => OnnxOutput.Choose(outputs, output, model.Graph));
            network = new OnnxNetwork(file, model, way, spec, device)
            {
                InputIsAssumed = overrides?.Mean is null && !model.Input.TakesGreyLevels,
            };
            network.FindHead(views.to(device), new OnnxConstants(file, model.Graph));
            return network;
        }
        catch
        {
            network?.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor views)
    {
        if (views.requires_grad && is_grad_enabled())
            throw new IsotopeException(
                $"{path}: expected a network with gradients, found an ONNX model; it can be tested only, by --statistic paper"
            );
        using var scope = NewDisposeScope();
        return read(Run(views, features)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    internal override NetworkOutputs Outputs(Tensor views)
    {
        using var scope = NewDisposeScope();
        return new NetworkOutputs(HeadCheck.Flat(Run(views, way.Shown)).MoveToOuterDisposeScope(), way.AreProbabilities);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        model.Dispose();
        Weight.Dispose();
        Bias?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Dimension, classes and reading of a model that is not run: its weights are computed, but nothing from images.</summary>
    /// <exception cref="IsotopeException">It has not one answer.</exception>
    public static (long? Dimension, long Classes, string? Reading) Describe(OnnxFile file, OnnxGraph graph)
    {
        using var scope = NewDisposeScope();
        OnnxPath[] ways = [.. file.Model.Graph.Output.Select(output => OnnxPath.Of(output.Name, graph))];
        OnnxOutput[] outputs = [.. file.Model.Graph.Output.Zip(ways, OnnxOutput.Stated)];
        var way = UntrustedFile.Guard(file.Path, () => OnnxOutput.Choose(outputs, null, graph));
        var head = OnnxHead.Of(way, new OnnxConstants(file, graph));
        return (head?.Weight.shape[1], head?.Weight.shape[0] ?? 0, Describe(way, ways, head is not null));
    }

    private static InputSpec SpecOf(OnnxInput input, InputOverride? overrides)
    {
        if (!input.TakesGreyLevels)
            return InputOverride.ForFile(overrides, input.Size);
        var spec = InputOverride.ForFile(overrides, input.Size);
        var greyLevels = spec with { Mean = Preprocessing.GreyLevels.Mean, Std = Preprocessing.GreyLevels.Std };
        return overrides?.Mean is null || spec.IsSame(greyLevels)
            ? greyLevels
            : throw new IsotopeException(
                $"{input.Name}: expected norm={Preprocessing.GreyLevels.Name}, since the model takes bytes, found {spec}"
            );
    }

    private Tensor Run(Tensor views, string value)
    {
        using var scope = NewDisposeScope();
        return model.Run(Normalise(views).detach().cpu(), value).to(Device).MoveToOuterDisposeScope();
    }

    /// <summary>Finds how the features are read, so that W · features + b are the model's logits.</summary>
    private void FindHead(Tensor views, OnnxConstants constants)
    {
        using var scope = NewDisposeScope();
        var logits = HeadCheck.Flat(Run(views, way.Logits));
        HeadCheck.RequireSteady(path, views, part => HeadCheck.Flat(Run(part, way.Logits)));
        outputs = (int)HeadCheck.Flat(Run(views, way.Shown)).shape[1];
        weight.Dispose();
        weight = zeros([0, logits.shape[1]], device: Device).DetachFromDisposeScope();
        if (OnnxHead.Of(way, constants) is not { } head)
            return;
        var input = Run(views, head.Features);
        var tolerance = model.IsHalf(head.Features) ? HeadCheck.HalfTolerance : HeadCheck.Tolerance;
        var fitting = OnnxHead
            .ReadingsOf(input)
            .FirstOrDefault(reading => HeadCheck.Error(reading(input), head.Weight, head.Bias, logits) <= tolerance);
        if (fitting is not null)
            Take(head, fitting);
    }

    private void Take(OnnxHead head, Func<Tensor, Tensor> reading)
    {
        (features, read) = (head.Features, reading);
        weight.Dispose();
        weight = head.Weight.to(Device).DetachFromDisposeScope();
        bias = head.Bias?.to(Device).DetachFromDisposeScope();
    }

    private static string? Describe(OnnxPath way, IReadOnlyList<OnnxPath> all, bool hasClassifier) =>
        HeadCheck.Describe(all.Count > 1 ? $"output {Printable.Start(way.Output)} of {OnnxOutput.Names(all)}" : null, hasClassifier);
}
