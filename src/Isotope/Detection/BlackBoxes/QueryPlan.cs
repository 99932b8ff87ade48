using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Detection.BlackBoxes;

/// <summary>
/// Images whose versions are exchanged together: those of a class, or a single image, in K versions, the first of which is the published
/// one.
/// </summary>
/// <param name="ClassName">Their class.</param>
/// <param name="Versions">K lists of the same images in the same order.</param>
/// <param name="Vanilla">The same images unmarked; empty if they are not asked about.</param>
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
/// Which images are asked about, and in which order. The query set, the key and the budget fix this before the first answer.
/// </summary>
internal static class QueryPlan
{
    /// <summary>Units in the key's order. A budget takes fewer images of every class, in the key's order, or fewer twins.</summary>
    /// <exception cref="IsotopeException">Files are missing or changed, or the budget is too small.</exception>
    public static IReadOnlyList<ExchangeUnit> Of(QuerySet set, string folder, CarrierKey key, BlackBoxOptions options)
    {
        var perImage = set.Versions + (options.WithVanilla ? 1 : 0);
        var units = WithinBudget(InKeysOrder(set, key), perImage, set.Unit, options.QueryBudget);
        var open = Opener(set, folder);
        return [.. units.Select(unit => ToUnit(unit, set, options.WithVanilla, open))];
    }

    /// <summary>The vanilla images. Which of their versions was published can't be told from them.</summary>
    /// <exception cref="IsotopeException">Files are missing or changed.</exception>
    public static Dataset Vanilla(QuerySet set, string folder) =>
        new(folder, set.ClassNames, [.. set.Images.Where(image => image.Version is null).Select(Opener(set, folder))]);

    /// <summary>Opens an image of the set, unless its file was changed.</summary>
    private static Func<QueryImage, LabelledImage> Opener(QuerySet set, string folder)
    {
        var labels = set.ClassNames.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        return image =>
        {
            var path = Path.Combine(folder, image.File);
            if (Hashes.OfFile(path) != image.Sha256)
                throw new IsotopeException($"{path}: expected the query image of the index, found another");
            return new LabelledImage(image.File, path, labels[image.ClassName]);
        };
    }

    /// <summary>The units, each a list of images, each a list of its versions.</summary>
    private static QueryImage[][][] InKeysOrder(QuerySet set, CarrierKey key)
    {
        var units = set.Images.GroupBy(image => set.Unit == MarkUnit.Class ? image.ClassName : image.Id);
        return [.. units.OrderBy(unit => Order(unit.Key)).Select(VersionsByImage)];

        QueryImage[][] VersionsByImage(IEnumerable<QueryImage> unit) =>
            [.. unit.GroupBy(image => image.Id).OrderBy(image => Order(image.Key)).Select(versions => versions.ToArray())];

        ulong Order(string name) => key.Stream($"order {name}").NextUInt64();
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
            queries,
            nameof(BlackBoxOptions.QueryBudget)
        );
        var images = (int)Math.Min(queries / smallest, int.MaxValue);
        return unit == MarkUnit.Class ? units.Select(ofClass => ofClass[..Math.Min(ofClass.Length, images)]) : units.Take(images);
    }

    private static ExchangeUnit ToUnit(QueryImage[][] images, QuerySet set, bool withVanilla, Func<QueryImage, LabelledImage> open)
    {
        var versions = Enumerable.Range(0, set.Versions).Select(version => OfVersion(version));
        return new ExchangeUnit(images[0][0].ClassName, [.. versions], withVanilla ? OfVersion(null) : []);

        LabelledImage[] OfVersion(int? version) => [.. images.Select(image => open(Find(image, version)))];

        QueryImage Find(QueryImage[] image, int? version) =>
            image.SingleOrDefault(candidate => candidate.Version == version)
            ?? throw new IsotopeException($"query index: expected version {version} of {image[0].Id}, found none");
    }
}
