using Isotope.Files;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>What a file's header says its rows hold.</summary>
/// <param name="Form">What the values are.</param>
/// <param name="Image">Position of the column with image ids.</param>
/// <param name="Values">Positions of the columns with values, in order.</param>
internal sealed record PredictionColumns(PredictionForm Form, int Image, IReadOnlyList<int> Values)
{
    /// <summary>How much they tell.</summary>
    public Access Access => new(Form.Gives, Form.Gives == OutputKind.TopLabels ? Values.Count : 1);

    /// <summary>The most telling form that the columns have; columns of other names are no concern.</summary>
    /// <exception cref="IsotopeException">No image column or no form, or not one column per class.</exception>
    public static PredictionColumns Find(string path, IReadOnlyList<string> names, int classes)
    {
        Dictionary<string, int> positions = new(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
            if (!positions.TryAdd(names[i], i))
                throw new IsotopeException($"{path}: expected columns of different names, found '{Printable.Start(names[i])}' twice");
        if (!positions.TryGetValue(PredictionForm.ImageColumn, out var image))
            throw new IsotopeException(
                $"{path}: expected a column '{PredictionForm.ImageColumn}' with paths of images, found {Shown(names)}"
            );
        foreach (var form in PredictionForm.All)
            if (form.Find(positions) is { Count: > 0 } values)
                return new PredictionColumns(RequireWhole(path, form, values.Count, classes), image, values);
        throw new IsotopeException($"{path}: expected columns p0…, logit0…, loss, top1… or label, found {Shown(names)}");
    }

    private static PredictionForm RequireWhole(string path, PredictionForm form, int columns, int classes) =>
        !form.PerClass || columns == classes
            ? form
            : throw new IsotopeException(
                $"{path}: expected columns {form.Prefix}0 … {form.Prefix}{classes - 1}, one per class, found {columns} of them in order"
            );

    private static string Shown(IReadOnlyList<string> names) =>
        names.Count == 0 ? "none" : string.Join(", ", names.Take(8).Select(name => Printable.Start(name))) + (names.Count > 8 ? ", …" : "");
}
