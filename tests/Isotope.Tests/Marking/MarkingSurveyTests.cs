using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Tests.Marking;

/// <summary>Images that can't be marked, among those that can.</summary>
public sealed class MarkingSurveyTests : IDisposable
{
    private static readonly CarrierKey Key = CarrierKey.FromSeed(3, 64, 11);
    private static readonly DatasetMarkingOptions All = new()
    {
        Fraction = 1,
        Marking = new MarkingOptions { Iterations = 4 },
    };
    private readonly TemporaryFolder folder = new();

    public MarkingSurveyTests()
    {
        Fixtures.WriteFolder(folder.File("v"));
        File.WriteAllText(folder.File("v/class0/broken.png"), "no image");
        File.WriteAllBytes(folder.File("v/class1/short.png"), File.ReadAllBytes(folder.File("v/class1/0.png"))[..60]);
        File.WriteAllBytes(folder.File("v/class2/empty.jpg"), []);
    }

    [Fact]
    public void Run_SeveralBadImages_AreNamedTogetherBeforeAnyIsMarked()
    {
        var message = Assert.Throws<IsotopeException>(() => Mark("m", All)).Message;
        Assert.StartsWith("--data: expected images to mark, found 3 of 15 that can't be: ", message);
        Assert.All((string[])["broken.png", "short.png", "empty.jpg", "--skip-unreadable"], part => Assert.Contains(part, message));
        Assert.Empty(Directory.GetFiles(folder.File("m"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Run_SkipUnreadable_KeepsThemAsTheyAreAndListsThem()
    {
        var manifest = Mark("m", All with { SkipUnreadable = true });
        string[] skipped = ["class0/broken.png", "class1/short.png", "class2/empty.jpg"];
        Assert.Equal(skipped, manifest.Skipped);
        Assert.Equal(12, manifest.Images.Count);
        foreach (var id in skipped)
            Assert.Equal(File.ReadAllBytes(folder.File($"v/{id}")), File.ReadAllBytes(folder.File($"m/{id}")));
        Assert.Equal(skipped, Manifest.Load(Manifest.PathFor(folder.File("m"))).Skipped);
    }

    [Fact]
    public void RunShard_SkipUnreadable_MergesToTheSame()
    {
        using var network = Fixtures.RandomNetwork();
        var options = All with { SkipUnreadable = true };
        var vanilla = Dataset.Open(folder.File("v"));
        Mark("whole", options);
        foreach (var index in (int[])[1, 2])
            new DatasetMarker(vanilla, Key, network, options).RunShard(new Shard(index, 2), folder.File("parts"));
        new ShardMerger(vanilla, folder.File("parts")).Run();
        Assert.Equal(Fixtures.HashesBelow(folder.File("whole")), Fixtures.HashesBelow(folder.File("parts")));
    }

    [Fact]
    public void Run_BadImagesThatAreNotChosen_CostNothing()
    {
        foreach (var id in (string[])["class0/broken.png", "class1/short.png", "class2/empty.jpg"])
            File.Move(folder.File($"v/{id}"), folder.File($"v/{id[..6]}/3.png"), overwrite: true);
        var vanilla = Dataset.Open(folder.File("v"));
        string[] bad = ["class0/3.png", "class1/3.png", "class2/3.png"];
        var key = Enumerable
            .Range(1, 1000)
            .Select(seed => CarrierKey.FromSeed(3, 64, seed))
            .First(key => !ImageSelection.Draw(vanilla, key, 0.25).Any(image => bad.Contains(image.Id)));
        using var network = Fixtures.RandomNetwork();
        var manifest = new DatasetMarker(vanilla, key, network, All with { Fraction = 0.25 }).Run(folder.File("m"));
        Assert.Equal(3, manifest.Images.Count);
        foreach (var id in bad)
            Assert.Equal(File.ReadAllBytes(folder.File($"v/{id}")), File.ReadAllBytes(folder.File($"m/{id}")));
    }

    public void Dispose() => folder.Dispose();

    private Manifest Mark(string output, DatasetMarkingOptions options)
    {
        using var network = Fixtures.RandomNetwork();
        return new DatasetMarker(Dataset.Open(folder.File("v")), Key, network, options).Run(folder.File(output));
    }
}
