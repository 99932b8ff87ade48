using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Detection.BlackBoxes;

/// <summary>
/// Images that stand or fall together: those of a class, or one image, in K versions of which the first is the published one.
/// </summary>
/// <param name="ClassName">Their class.</param>
/// <param name="Versions">K lists of the same images in the same order.</param>
/// <param name="Vanilla">The same images unmarked; empty where they are not asked about.</param>
internal sealed record ExchangeUnit(
    string ClassName,
    IReadOnlyList<IReadOnlyList<LabelledImage>> Versions,
    IReadOnlyList<LabelledImage> Vanilla
)
{
    /// <summary>All images, version by version.</summary>
    public IEnumerable<LabelledImage> Images => Versions.Append(Vanilla).SelectMany(images => images);
}

/// <summary>
/// Which images are asked about, and in which order: fixed by the query set, the key and the budget before the first answer.
/// </summary>
internal static class QueryPlan
{
    /// <summary>Units in the key's order. A budget takes fewer images of every class, in the key's order, or fewer twins.</summary>
    /// <exception cref="IsotopeException">Files are missing or changed, or the budget is too small.</exception>
    public static IReadOnlyList<ExchangeUnit> Of(QuerySet set, string folder, CarrierKey key, BlackBoxOptions options)
    {
        var labels = set.ClassNames.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        var units = set
            .Images.GroupBy(image => set.Unit == MarkUnit.Class ? image.ClassName : image.Id)
            .OrderBy(unit => key.Stream($"order {unit.Key}").NextUInt64())
            .Select(unit =>
                unit.GroupBy(image => image.Id)
                    .OrderBy(versions => key.Stream($"order {versions.Key}").NextUInt64())
                    .Select(versions => versions.ToArray())
                    .ToArray()
            )
            .ToArray();
        var perImage = set.Versions + (options.WithVanilla ? 1 : 0);
        return
        [
            .. WithinBudget(units, perImage, set.Unit, options.QueryBudget).Select(unit => ToUnit(unit, set, options.WithVanilla, Open)),
        ];

        LabelledImage Open(QueryImage image)
        {
            var path = Path.Combine(folder, image.File);
            return Hashes.OfFile(path) == image.Sha256
                ? new LabelledImage(image.File, path, labels[image.ClassName])
                : throw new IsotopeException($"{path}: expected the query image of the index, found another");
        }
    }

    private static IEnumerable<QueryImage[][]> WithinBudget(QueryImage[][][] units, int perImage, MarkUnit unit, long? budget)
    {
        if (budget is not { } queries)
            return units;
        var smallest = (unit == MarkUnit.Class ? units.Length : 1) * perImage;
        OptionCheck.Require(
            queries >= smallest,
            "--query-budget",
            $"at least {smallest}, one image in {perImage} versions for each {unit.ToString().ToLowerInvariant()}",
            queries
        );
        var images = (int)Math.Min(queries / smallest, int.MaxValue);
        return unit == MarkUnit.Class ? units.Select(each => each[..Math.Min(each.Length, images)]) : units.Take(images);
    }

    private static ExchangeUnit ToUnit(QueryImage[][] images, QuerySet set, bool withVanilla, Func<QueryImage, LabelledImage> open)
    {
        return new ExchangeUnit(
            images[0][0].ClassName,
            [.. Enumerable.Range(0, set.Versions).Select(version => OfVersion(version))],
            withVanilla ? OfVersion(null) : []
        );

        LabelledImage[] OfVersion(int? version) =>
            [
                .. images.Select(versions =>
                    open(
                        versions.SingleOrDefault(image => image.Version == version)
                            ?? throw new IsotopeException($"query index: expected version {version} of {versions[0].Id}, found none")
                    )
                ),
            ];
    }
}
