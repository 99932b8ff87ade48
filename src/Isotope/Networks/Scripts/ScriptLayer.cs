using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>A possible linear layer of a TorchScript model: a matrix <c>NAME.weight</c>, perhaps with <c>NAME.bias</c>.</summary>
/// <param name="Name">Its name in the model; empty for the model itself.</param>
/// <param name="Weight">C × d.</param>
/// <param name="Bias">C.</param>
internal sealed record ScriptLayer(string Name, Parameter Weight, Parameter? Bias)
{
    private const string Suffix = "weight";

    /// <summary>All such layers, in the model's order.</summary>
    public static IReadOnlyList<ScriptLayer> Of(nn.Module model)
    {
        var parameters = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        return [.. parameters.Where(IsMatrix).Select(Layer)];

        ScriptLayer Layer(KeyValuePair<string, Parameter> weight)
        {
            var prefix = weight.Key[..^Suffix.Length];
            return new ScriptLayer(prefix.TrimEnd('.'), weight.Value, parameters.GetValueOrDefault($"{prefix}bias"));
        }
    }

    private static bool IsMatrix(KeyValuePair<string, Parameter> parameter) =>
        parameter.Value.dim() == 2 && $".{parameter.Key}".EndsWith($".{Suffix}", StringComparison.Ordinal);

    /// <summary>Makes the layer the identity, in the model.</summary>
    /// <returns>The former weight and bias, in no dispose scope.</returns>
    public (Tensor Weight, Tensor? Bias) Remove()
    {
        var weight = Weight.clone().DetachFromDisposeScope();
        var bias = Bias?.clone().DetachFromDisposeScope();
        var inputs = Weight.shape[1];
        Weight.set_(eye(inputs, dtype: weight.dtype, device: weight.device));
        Bias?.set_(zeros(inputs, dtype: weight.dtype, device: weight.device));
        return (weight, bias);
    }

    /// <summary>Undoes <see cref="Remove"/> and disposes the tensors that it returned.</summary>
    public void Restore(Tensor weight, Tensor? bias)
    {
        Weight.set_(weight);
        if (bias is not null)
            Bias!.set_(bias);
        weight.Dispose();
        bias?.Dispose();
    }
}
