namespace Isotope.Networks.Architectures;

/// <summary>Finds the architecture that a state dict fits.</summary>
internal static class Recogniser
{
    private const string Export = "export the model to ONNX or TorchScript (docs/export.md)";

    /// <summary>Parts of names that tell what was done to a model, and how to undo it.</summary>
    private static readonly (string Part, string Text)[] Advice =
    [
        ("lora_", "an adapter's (LoRA): merge it into its model first, as merge_and_unload() does, and save that"),
        ("weight_mask", "a pruned model's: call torch.nn.utils.prune.remove(layer, 'weight') for each layer first"),
        ("parametrizations.", $"parametrised weights: call torch.nn.utils.parametrize.remove_parametrizations first, or {Export}"),
        ("weight_orig", $"spectral normalisation's: call torch.nn.utils.remove_spectral_norm first, or {Export}"),
        ("weight_g", $"weight normalisation's: call torch.nn.utils.remove_weight_norm first, or {Export}"),
        ("exp_avg", "an optimiser's state: save model.state_dict()"),
        ("momentum_buffer", "an optimiser's state: save model.state_dict()"),
    ];

    /// <summary>Whether some architecture fits.</summary>
    public static bool Fits(IReadOnlyDictionary<string, long[]> shapes) =>
        Fit.Of(shapes, Catalogue.All).Any(fit => fit.Differences.Count == 0);

    /// <summary>
    /// The architecture that fits, and how, once for each prefix under which it does. Of twins, which have the same names and shapes, it is
    /// the commoner one.
    /// </summary>
    /// <exception cref="IsotopeException">None fits, or several do.</exception>
    public static IReadOnlyList<Fit> Recognise(IReadOnlyDictionary<string, long[]> shapes, string path, IReadOnlyList<Architecture> among)
    {
        var fits = Fit.Of(shapes, among);
        var fitting = fits.Where(fit => fit.Differences.Count == 0 && fit.Architecture.CommonerTwin is null).ToArray();
        if (fitting.Length > 0 && fitting.DistinctBy(fit => fit.Prefix).Count() == fitting.Length)
            return fitting;
        if (fitting.Length == 0)
            throw new IsotopeException($"{path}: expected the tensors of an architecture in the catalogue, found {Nearest(fits, shapes)}");
        var names = string.Join(" and ", fitting.Select(fit => fit.Architecture.Name).Distinct());
        throw new IsotopeException($"{path}: expected ARCHITECTURE:FILE, since its tensors fit {names}");
    }

    private static string Nearest(IReadOnlyList<Fit> fits, IReadOnlyDictionary<string, long[]> shapes)
    {
        var nearest = fits.OrderByDescending(fit => fit.Agreeing).ThenBy(fit => fit.Differences.Count).First();
        if (Advice.FirstOrDefault(advice => shapes.Keys.Any(name => name.Contains(advice.Part, StringComparison.Ordinal))).Text is { } text)
            return text;
        if (nearest.Agreeing == 0)
            return $"none of them among its {shapes.Count}: {string.Join(", ", shapes.Keys.Take(3))}; {Export}";
        var name = nearest.Architecture.Name;
        var hint = WeightLoader.Hint(nearest) ?? Export;
        return $"others: nearest is {name}, tensors that differ: {nearest.Differences.Count}, first: {nearest.Differences[0]}; {hint}";
    }
}
