using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>A TorchScript model whose classifier passes its inputs on.</summary>
/// <param name="Model">The changed model.</param>
/// <param name="Weight">W, C × d.</param>
/// <param name="Bias">b, C, scaled as the model scales its logits.</param>
internal sealed record ScriptHead(ScriptModel Model, Tensor Weight, Tensor? Bias)
{
    /// <summary>Tries whether a layer is the classifier; if not, the model is as before.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="model">The model.</param>
    /// <param name="form">What its numbers are.</param>
    /// <param name="answer">Runs a model for the same views, and gives its answer N × any number.</param>
    /// <param name="output">The model's own answer.</param>
    /// <returns>Tensors that are in no dispose scope; null if it is not.</returns>
    public static ScriptHead? Try(ScriptLayer layer, ScriptModel model, ScriptForm form, Func<ScriptModel, Tensor> answer, Tensor output)
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = layer.Values();
        ScriptModel? changed = null;
        try
        {
            changed = layer.Replace(model, form.Passing(layer.Columns));
            var features = form.Inputs(answer(changed));
            if (Fit(features, weight, bias, form, output) is { } fitted)
                return new ScriptHead(changed, weight.DetachFromDisposeScope(), fitted.Bias?.DetachFromDisposeScope());
        }
        catch (IsotopeException)
        {
            // What follows this layer can't take the identity's output.
        }

        if (changed is not null)
            layer.Restore(changed);
        return null;
    }

    /// <summary>How far W · features + b is from an output, for any scale of its logits, relative to the largest logit.</summary>
    public static double Error(Tensor features, (Tensor Weight, Tensor? Bias) layer, ScriptForm form, Tensor output)
    {
        using var scope = NewDisposeScope();
        var logits = nn.functional.linear(features, layer.Weight, layer.Bias);
        return HeadCheck.Difference(form.Comparable(logits), form.Comparable(form.LogitsOf(output)));
    }

    /// <summary>The bias with which the features give the output; null if none does.</summary>
    private static Fitted? Fit(Tensor features, Tensor weight, Tensor? bias, ScriptForm form, Tensor output)
    {
        if (features.dim() != 2 || features.shape[1] != weight.shape[1])
            return null;
        if (Error(features, (weight, bias), form, output) <= HeadCheck.Tolerance)
            return new Fitted(bias);
        // A temperature scales the features that come out, and so must scale the bias.
        if (bias is null)
            return null;
        var rest = form.LogitsOf(output) - features.matmul(weight.t());
        var (centred, direction) = (rest - rest.mean([1], keepdim: true), bias - bias.mean());
        var scaled = bias * ((centred * direction).mean([0]).sum() / direction.Squared().sum());
        return Error(features, (weight, scaled), form, output) <= HeadCheck.Tolerance ? new Fitted(scaled) : null;
    }

    private sealed record Fitted(Tensor? Bias);
}
