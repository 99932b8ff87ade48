using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Tests.Detection.BlackBoxes;

/// <summary>Query images of three classes, made once: four images of each class in five versions, or twelve twins of each.</summary>
public sealed class MarkedQueries : IDisposable
{
    public const int Versions = 5;
    public static readonly CarrierKey Key = CarrierKey.FromSeed(3, 64, 5);
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<MarkUnit, (QuerySet Set, string Folder)> made = [];

    public (QuerySet Set, string Folder) Of(MarkUnit unit)
    {
        if (!made.ContainsKey(unit))
            made[unit] = Make(unit);
        return made[unit];
    }

    public void Dispose() => folder.Dispose();

    private (QuerySet Set, string Folder) Make(MarkUnit unit)
    {
        var vanilla = Fixtures.WriteFolder(folder.File($"vanilla{unit}"), perClass: unit == MarkUnit.Class ? 8 : 24);
        using var network = Fixtures.LoadedNetwork(folder);
        var options = new DatasetMarkingOptions
        {
            Fraction = 0.5,
            Unit = unit,
            Marking = new MarkingOptions { Iterations = 1 },
        };
        var marked = folder.File($"marked{unit}");
        var manifest = new DatasetMarker(vanilla, Key, network, options).Run(marked);
        return (
            new CounterfactualMarker(vanilla, marked, manifest, Key, network, new() { Versions = Versions }).Run(),
            QuerySet.FolderFor(marked)
        );
    }
}
