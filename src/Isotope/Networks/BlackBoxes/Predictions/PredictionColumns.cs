using Isotope.Files;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>The columns of a file of predictions, by its header.</summary>
/// <param name="Form">The form of the predictions.</param>
/// <param name="Image">Position of the column with image ids.</param>
/// <param name="Values">Positions of the columns with values, in order.</param>
internal sealed record PredictionColumns(PredictionForm Form, int Image, IReadOnlyList<int> Values)
{
    private const int MostShown = 8;

    /// <summary>How much of the model's output they reveal.</summary>
    public Access Access => new(Form.Gives, Form.Gives == OutputKind.TopLabels ? Values.Count : 1);

    /// <summary>Finds the most informative form that the columns have; columns with other names are ignored.</summary>
    /// <exception cref="IsotopeException">There is no image column, no known form, or not one column per class.</exception>
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
            {
                RequireAllClasses(path, form, values.Count, classes);
                return new PredictionColumns(form, image, values);
            }

        throw new IsotopeException($"{path}: expected columns p0…, logit0…, loss, top1… or label, found {Shown(names)}");
    }

    private static void RequireAllClasses(string path, PredictionForm form, int columns, int classes)
    {
        if (form.PerClass && columns != classes)
            throw new IsotopeException(
                $"{path}: expected columns {form.Prefix}0 … {form.Prefix}{classes - 1}, one per class, found {columns} of them in order"
            );
    }

    private static string Shown(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return "none";
        var first = string.Join(", ", names.Take(MostShown).Select(name => Printable.Start(name)));
        return names.Count > MostShown ? $"{first}, …" : first;
    }
}
