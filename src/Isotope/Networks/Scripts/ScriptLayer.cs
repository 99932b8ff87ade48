using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>What may be a linear layer of a TorchScript model: a matrix <c>NAME.weight</c>, perhaps with <c>NAME.bias</c>.</summary>
/// <param name="Name">Its name in the model; empty for the model itself.</param>
/// <param name="Weight">C × d.</param>
/// <param name="Bias">C.</param>
internal sealed record ScriptLayer(string Name, Parameter Weight, Parameter? Bias)
{
    private const string Suffix = "weight";

    /// <summary>All of them, in the model's order.</summary>
    public static IReadOnlyList<ScriptLayer> Of(nn.Module model)
    {
        var parameters = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        return
        [
            .. parameters
                .Where(pair => pair.Value.dim() == 2 && (pair.Key == Suffix || pair.Key.EndsWith($".{Suffix}", StringComparison.Ordinal)))
                .Select(pair => new ScriptLayer(
                    pair.Key[..^Suffix.Length].TrimEnd('.'),
                    pair.Value,
                    parameters.GetValueOrDefault($"{pair.Key[..^Suffix.Length]}bias")
                )),
        ];
    }

    /// <summary>Makes the layer the identity of its inputs, in the model.</summary>
    /// <returns>What weight and bias were, in no dispose scope.</returns>
    public (Tensor Weight, Tensor? Bias) Remove()
    {
        var (weight, bias) = (Weight.clone().DetachFromDisposeScope(), Bias?.clone().DetachFromDisposeScope());
        var inputs = Weight.shape[1];
        Weight.set_(eye(inputs, dtype: weight.dtype, device: weight.device));
        Bias?.set_(zeros(inputs, dtype: weight.dtype, device: weight.device));
        return (weight, bias);
    }

    /// <summary>Undoes <see cref="Remove"/> and disposes what it returned.</summary>
    public void Restore(Tensor weight, Tensor? bias)
    {
        Weight.set_(weight);
        if (bias is not null)
            Bias!.set_(bias);
        weight.Dispose();
        bias?.Dispose();
    }
}
