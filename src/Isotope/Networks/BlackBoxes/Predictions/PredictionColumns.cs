using Isotope.Files;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>The columns of a file of predictions, by its header.</summary>
/// <param name="Form">The form of the predictions.</param>
/// <param name="Image">Position of the column with image ids.</param>
/// <param name="Values">Positions of the columns with values, in order.</param>
/// <param name="Names">Names of the classes, if the header has them.</param>
internal sealed record PredictionColumns(PredictionForm Form, int Image, IReadOnlyList<int> Values, IReadOnlyList<string>? Names = null)
{
    private const int MostShown = 8;

    /// <summary>How much of the model's output they reveal.</summary>
    public Access Access => new(Form.Gives, Form.Gives == OutputKind.TopLabels ? Values.Count : 1);

    /// <summary>Finds the most informative form that the columns have; columns with other names are ignored.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="names">The columns.</param>
    /// <exception cref="IsotopeException">There is no image column, or no known form.</exception>
    public static PredictionColumns Find(string path, IReadOnlyList<string> names)
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
        {
            if (form.Find(positions) is { Count: > 0 } values)
                return new PredictionColumns(form, image, values);
            if (form.FindNamed(positions) is { Count: > 1 } named)
                return new PredictionColumns(form, image, [.. named.Select(c => c.Position)], [.. named.Select(c => c.Name)]);
        }

        throw new IsotopeException($"{path}: expected columns p0…, p:CLASS…, logit0…, loss, top1… or label, found {Shown(names)}");
    }

    /// <summary>Requires one column for each class, where there are such columns.</summary>
    /// <exception cref="IsotopeException">There are more or fewer.</exception>
    public void RequireClasses(string path, int classes)
    {
        if (Form.PerClass && Values.Count != classes)
            throw new IsotopeException(
                $"{path}: expected columns {Form.Prefix}0 … {Form.Prefix}{classes - 1}, one per class, found {Values.Count} of them in "
                    + "order"
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
