using Isotope.Files;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>
/// A TorchScript model (<c>torch.jit.trace</c>, <c>script</c> or <c>freeze</c>). Its classifier's weight is replaced by the identity and
/// its bias by zero, so that the model returns its features; gradients flow to the pixels. Without a classifier, its outputs are its
/// features. Loading runs the file's program: <see cref="ScriptArchive"/> says what that means and what is refused.
/// </summary>
internal sealed class ScriptNetwork : Network
{
    private readonly string path;
    private readonly ScriptSource source;
    private ScriptModel model;
    private ScriptForm form = ScriptForm.Logits;
    private Tensor weight = zeros([0, 0]).DetachFromDisposeScope();
    private Tensor? bias;
    private int place;
    private int returned;
    private int outputs;

    private ScriptNetwork(string path, ScriptSource source, ScriptModel model, InputSpec input, Device device)
        : base("torchscript", input, Hashes.OfFile(path), device) => (this.path, this.source, this.model) = (path, source, model);

    /// <inheritdoc/>
    public override Tensor Weight => weight;

    /// <inheritdoc/>
    public override Tensor? Bias => bias;

    /// <inheritdoc/>
    internal override int OutputClasses => outputs;

    /// <inheritdoc/>
    internal override string? Reading =>
        HeadCheck.Describe(
            returned > 1 ? $"returned tensor {ScriptAnswer.NameOf(place, returned, source)} of {returned}" : null,
            Classes > 0
        );

    /// <summary>Loads a model; its classifier is the named layer, or else found.</summary>
    /// <param name="path">The file.</param>
    /// <param name="named">The layer, or after a slash the place or key of what it returns; null to find both.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="overrides">What the user says of its input; null where there are no options for that.</param>
    /// <exception cref="IsotopeException">
    /// The file is damaged or not harmless, its input size is unknown, or there is no such layer or answer.
    /// </exception>
    public static ScriptNetwork Open(string path, string? named, Device device, InputOverride? overrides)
    {
        var size = ForeignFile.SizeOf(path, "a TorchScript file does not state", overrides);
        using var scope = NewDisposeScope();
        var source = UntrustedFile.Read(path, stream => ScriptSource.Read(stream, device));
        ScriptModel Load(Func<string, string> edit) => ScriptModel.Load(path, device, (record, text) => edit(source.Edit(record, text)));

        var model = Load(text => text);
        ScriptNetwork? network = null;
        try
        {
            source.RequireOneInput(path);
            network = new ScriptNetwork(path, source, model, InputOverride.ForFile(overrides, size), device)
            {
                InputIsAssumed = overrides?.Mean is null,
            };
            network.Split(named, ScriptLayer.Of(model, source, Load));
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
        using var scope = NewDisposeScope();
        var output = Answer(model, views);
        return (Classes > 0 ? form.Inputs(output) : form.LogitsOf(output)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    internal override NetworkOutputs Outputs(Tensor views)
    {
        using var scope = NewDisposeScope();
        var (values, areProbabilities) = form.Output(Classes > 0 ? Logits(views) : Features(views));
        return new NetworkOutputs(values.MoveToOuterDisposeScope(), areProbabilities);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        model.Dispose();
        weight.Dispose();
        bias?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Answer(ScriptModel asked, Tensor views)
    {
        var answers = asked.Run(Normalise(views));
        return answers.Count > place && answers[place] is { } answer && answer.dim() > 1 && answer.shape[0] == views.shape[0]
            ? HeadCheck.Flat(answer).to(float32)
            : throw new IsotopeException($"{path}: expected N × C numbers for N images, found something else");
    }

    /// <summary>Finds the answer, and the classifier before it: the named layer, or else the last one that reproduces the logits.</summary>
    private void Split(string? named, IReadOnlyList<ScriptLayer> layers)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var namesAnswer = named?.StartsWith('/') == true;
        var views = HeadCheck.Views(Input.Size).to(Device);
        var all = model.Run(Normalise(views));
        (place, returned) = (ScriptAnswer.Find(all, source, namesAnswer ? named : null, layers, path), all.Count);
        HeadCheck.RequireSteady(path, views, part => Answer(model, part));

        var output = Answer(model, views);
        (form, outputs) = (ScriptForm.Of(output, source.Text), (int)output.shape[1]);
        var layer = namesAnswer ? null : named;
        var head = layers
            .Where(candidate => candidate.Rows == output.shape[1] && (layer is null || candidate.Name == layer))
            .Reverse()
            .Select(candidate => ScriptHead.Try(candidate, model, form, changed => Answer(changed, views), output))
            .FirstOrDefault(found => found is not null);
        if (head is null && layer is not null)
            throw NoHead(layer, layers);
        weight.Dispose();
        if (head is null)
            weight = zeros([0, output.shape[1]], device: Device).DetachFromDisposeScope();
        else
            Take(head);
    }

    private void Take(ScriptHead head)
    {
        if (head.Model != model)
            model.Dispose();
        (model, weight, bias) = (head.Model, head.Weight, head.Bias);
    }

    private IsotopeException NoHead(string layer, IReadOnlyList<ScriptLayer> layers)
    {
        var exists = layers.Any(candidate => candidate.Name == layer);
        var expected = exists
            ? $"that input, weight and bias of the linear layer '{layer}' give the model's output"
            : $"a linear layer named '{layer}'";
        var names = LinearLayer.Names([.. layers.Select(candidate => candidate.Name)]);
        return new IsotopeException($"{path}: expected {expected}, found {(exists ? "other output; " : "")}linear layers {names}");
    }
}
