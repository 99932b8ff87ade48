using Isotope.Datasets;
using Isotope.Files;

namespace Isotope.Cli.Commands;

/// <summary>Says what was read of a dataset, before anything is done with it: a wrong reading is worse than a refusal.</summary>
internal static class WhatWasRead
{
    private const int MostNamed = 6;

    /// <summary>Format, classes, images, and what is copied or left out.</summary>
    public static IEnumerable<string> Of(Dataset dataset)
    {
        var counts = dataset.Images.CountBy(image => image.Label).ToDictionary();
        var classes = dataset.ClassNames.Select((name, label) => $"{name} {counts.GetValueOrDefault(label)}");
        var sizes = $"{dataset.Images.Count} images in {dataset.ClassNames.Count} classes";
        yield return $"read        {dataset.Form}: {sizes} ({Some([.. classes])})";
        if (dataset.Others.Count > 0)
            yield return $"copied      {dataset.Others.Count} other files, as they are: {Some([.. dataset.Others.Select(Below)])}";
        foreach (var leftOut in dataset.LeftOut)
            yield return $"left out    {Printable.Line(leftOut)}";

        string Below(string file) => Path.GetRelativePath(dataset.Root, file);
    }

    private static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNamed).Select(name => Printable.Start(name))) + (names.Count > MostNamed ? ", …" : "");
}
