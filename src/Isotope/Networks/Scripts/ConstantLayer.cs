using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>A constant of a frozen model, with the constant that is added to the product.</summary>
/// <param name="name">Its name in the source.</param>
/// <param name="stored">As it is stored: C × d, d × C, or C × d × 1 × 1.</param>
/// <param name="isTransposed">Whether it is stored as d × C.</param>
/// <param name="source">The model's source.</param>
/// <param name="load">Loads the model with other source.</param>
internal sealed class ConstantLayer(
    string name,
    Tensor stored,
    bool isTransposed,
    ScriptSource source,
    Func<Func<string, string>, ScriptModel> load
) : ScriptLayer(name)
{
    private readonly Tensor matrix = isTransposed ? stored.t() : stored.flatten(1);

    /// <inheritdoc/>
    public override long Rows => matrix.shape[0];

    /// <inheritdoc/>
    public override long Columns => matrix.shape[1];

    // A constant's shape does not tell which way round it is multiplied.
    public static IEnumerable<ScriptLayer> All(ScriptSource source, Func<Func<string, string>, ScriptModel> load)
    {
        foreach (var (name, stored) in source.Constants)
        foreach (var isTransposed in new[] { true, false })
            if (IsMatrix(stored.shape) && (!isTransposed || stored.dim() == 2))
                yield return new ConstantLayer(name, stored, isTransposed, source, load);
    }

    /// <inheritdoc/>
    public override (Tensor Weight, Tensor? Bias) Values() => (matrix.contiguous(), BiasBeside()?.Values.clone());

    /// <inheritdoc/>
    public override ScriptModel Replace(ScriptModel model, Tensor passing)
    {
        var (rows, columns) = (passing.shape[0], passing.shape[1]);
        var device = $"dtype=None, layout=None, device=torch.device(\"{source.DeviceName}\")";
        var scale = passing[0, 0].item<float>().ToString("R", CultureInfo.InvariantCulture);
        var text = $"torch.mul(torch.eye({columns}, {device}), {scale})";
        if (rows > columns)
            text = $"torch.cat([{text}, torch.zeros([{rows - columns}, {columns}], {device})])";
        if (stored.dim() > 2)
            text = $"torch.reshape({text}, [{rows}, {columns}, 1, 1])";
        if (isTransposed)
            text = $"torch.t({text})";
        var bias = BiasBeside();
        return load(code =>
        {
            code = Token(Name).Replace(code, text);
            return bias is { } added ? Token(added.Name).Replace(code, $"torch.zeros([{rows}], {device})") : code;
        });
    }

    /// <inheritdoc/>
    public override void Restore(ScriptModel changed) => changed.Dispose();

    /// <summary>The vector that is added to a product with this constant, as linear, convolution, matmul and addmm are written.</summary>
    private (string Name, Tensor Values)? BiasBeside()
    {
        var escaped = Regex.Escape(Name);
        var match = Regex.Match(
            source.Text,
            $@"{escaped}\)?, (?<bias>CONSTANTS\.c\d+)\b|addmm\((?<bias>CONSTANTS\.c\d+), [^\n]*{escaped}\b",
            RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
        );
        var found = match.Groups["bias"].Value;
        return source.Constants.GetValueOrDefault(found) is { } vector && vector.shape is [var size] && size == Rows
            ? (found, vector)
            : null;
    }

    private static Regex Token(string constant) => new($@"\b{Regex.Escape(constant)}\b", RegexOptions.CultureInvariant);
}
