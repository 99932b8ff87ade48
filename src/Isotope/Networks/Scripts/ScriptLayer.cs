using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>
/// A possible classifier of a TorchScript model: a matrix C × d, or a 1 × 1 convolution, which is one for each pixel. It can be replaced by
/// one that passes its inputs on, so that the model's output tells them.
/// </summary>
internal abstract class ScriptLayer(string name)
{
    /// <summary>Its name in the model or source; empty for the model itself.</summary>
    public string Name => name;

    /// <summary>Number of classes C, if it is the classifier.</summary>
    public abstract long Rows { get; }

    /// <summary>Number of its inputs d.</summary>
    public abstract long Columns { get; }

    /// <summary>W and b, in the current dispose scope; not those that are in its place.</summary>
    public abstract (Tensor Weight, Tensor? Bias) Values();

    /// <summary>Puts a matrix n × d in its place, without bias.</summary>
    /// <returns>The changed model, which may be the given one.</returns>
    public abstract ScriptModel Replace(ScriptModel model, Tensor passing);

    /// <summary>Undoes <see cref="Replace"/>, after which the changed model is not used any more.</summary>
    public abstract void Restore(ScriptModel changed);

    /// <summary>All layers of a model, in its order: parameters, or in a frozen model the constants of its source.</summary>
    /// <param name="model">The model.</param>
    /// <param name="source">Its source.</param>
    /// <param name="load">Loads the model with other source.</param>
    public static IReadOnlyList<ScriptLayer> Of(ScriptModel model, ScriptSource source, Func<Func<string, string>, ScriptModel> load) =>
        [.. ParameterLayer.All(model), .. ConstantLayer.All(source, load)];

    /// <summary>Whether a shape is that of a matrix or a 1 × 1 convolution.</summary>
    protected static bool IsMatrix(long[] shape) => shape is [_, _] or [_, _, 1, 1];
}

/// <summary>A parameter <c>NAME.weight</c>, perhaps with <c>NAME.bias</c>.</summary>
internal sealed class ParameterLayer : ScriptLayer
{
    private const string Suffix = "weight";
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private (Tensor Weight, Tensor? Bias)? replaced;

    private ParameterLayer(string name, Parameter weight, Parameter? bias)
        : base(name) => (this.weight, this.bias, Rows, Columns) = (weight, bias, weight.shape[0], weight.shape[1]);

    /// <inheritdoc/>
    public override long Rows { get; }

    /// <inheritdoc/>
    public override long Columns { get; }

    public static IEnumerable<ScriptLayer> All(ScriptModel model)
    {
        var parameters = model.Module.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        foreach (var (name, weight) in parameters)
            if (IsMatrix(weight.shape) && $".{name}".EndsWith($".{Suffix}", StringComparison.Ordinal))
            {
                var prefix = name[..^Suffix.Length];
                yield return new ParameterLayer(prefix.TrimEnd('.'), weight, parameters.GetValueOrDefault($"{prefix}bias"));
            }
    }

    /// <inheritdoc/>
    public override (Tensor Weight, Tensor? Bias) Values()
    {
        var (w, b) = replaced ?? (weight, bias);
        return (w.clone().flatten(1), b?.clone());
    }

    /// <inheritdoc/>
    public override ScriptModel Replace(ScriptModel model, Tensor passing)
    {
        replaced = (weight.clone(), bias?.clone());
        weight.set_(passing.reshape([.. passing.shape, .. weight.shape[2..]]).to(weight.device));
        bias?.set_(zeros(passing.shape[0], device: bias.device));
        return model;
    }

    /// <inheritdoc/>
    public override void Restore(ScriptModel changed)
    {
        weight.set_(replaced!.Value.Weight);
        if (replaced.Value.Bias is { } former)
            bias!.set_(former);
        replaced = null;
    }
}
