using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Marking;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Tests.Marking;

public sealed class CounterfactualMarkerTests : IDisposable
{
    private static readonly CarrierKey Key = CarrierKey.FromSeed(3, 64, 11);
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Run_EveryVersion_IsWhatThatKeyWouldHavePublished()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var manifest = Mark(vanilla, Key, "marked");
        var set = MakeQueries(vanilla, manifest);
        Assert.Equal(6 * 4, set.Images.Count);
        Assert.False(set.IsMadeAnew);
        Assert.Equal(HashesOf(set, 0), manifest.Images.Select(image => image.Sha256).Order());
        for (var version = 1; version < 3; version++)
            Assert.Equal(
                HashesOf(set, version),
                Mark(vanilla, Fixtures.KeyOfVersion(Key, version), $"other{version}").Images.Select(image => image.Sha256).Order()
            );
        Assert.Equal(HashesOf(set, null), manifest.Images.Select(image => Fixtures.HashesBelow(vanilla.Root)[image.Id]).Order());
    }

    [Fact]
    public void Run_Folder_RevealsNothingAndTheIndexIsPrivate()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var set = MakeQueries(vanilla, Mark(vanilla, Key, "marked"));
        var queries = QuerySet.FolderFor(folder.File("marked"));
        Assert.Equal(set.Images.Select(image => image.File), Fixtures.HashesBelow(queries).Keys.Order(StringComparer.Ordinal));
        Assert.All(set.Images, image => Assert.Matches("^class[0-2]/[0-9a-f]{16}\\.png$", image.File));
        Assert.Single(set.Images.Select(image => File.GetLastWriteTimeUtc(Path.Combine(queries, image.File))).Distinct());
        Assert.Equal(set.Images, QuerySet.Load(queries).Images);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(QuerySet.IndexFor(queries)));
    }

    [Fact]
    public void Run_Twins_KeepsTheOtherSideOfTheCoin()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 16);
        var manifest = Mark(vanilla, Key, "marked", MarkUnit.Image);
        var set = MakeQueries(vanilla, manifest);
        Assert.Equal((2, MarkUnit.Image), (set.Versions, set.Unit));
        Assert.Equal(24 * 3, set.Images.Count);
        Assert.Empty(HashesOf(set, 0).Intersect(HashesOf(set, 1)));
    }

    /// <summary>With a direction per class, the coins of a class's images would not be independent.</summary>
    [Fact]
    public void Run_Twins_AreMarkedAlongTheDirectionOfTheirOwnImage()
    {
        using var scope = NewDisposeScope();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var manifest = Mark(vanilla, Key, "marked", MarkUnit.Image);
        using var network = Fixtures.LoadedNetwork(folder);
        foreach (var image in manifest.Images)
        {
            string[] files = [$"vanilla/{image.Id}", $"marked/{image.File}"];
            var features = network.CentreFeatures([.. files.Select(file => Views.ToTensor(ImageCodec.Decode(folder.File(file))))]);
            var carrier = tensor(Key.TwinCarrier(image.Id, 0).ToArray());
            var moved = ((features[1] - features[0]) * carrier).sum().item<float>();
            Assert.Equal(image.Displacement, moved, 1e-4);
        }
    }

    [Fact]
    public void Run_NamesOfQueryImages_FollowFromTheSecret()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 8);
        var (one, other) = (Made(Key, "a"), Made(CarrierKey.FromSeed(3, 64, 12), "b"));
        Assert.NotEmpty(one.Images.Select(image => image.Id).Intersect(other.Images.Select(image => image.Id)));
        Assert.Empty(one.Images.Select(image => image.File).Intersect(other.Images.Select(image => image.File)));

        QuerySet Made(CarrierKey key, string name)
        {
            var manifest = Mark(vanilla, key, name);
            using var network = Fixtures.LoadedNetwork(folder);
            return new CounterfactualMarker(vanilla, folder.File(name), manifest, key, network, new() { Versions = 2 }).Run();
        }
    }

    [Fact]
    public void Run_Interrupted_GoesOnAndEndsTheSame()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var manifest = Mark(vanilla, Key, "marked");
        using var cancellation = new CancellationTokenSource();
        var interrupt = new Callback(p =>
        {
            if (p.Done > 0)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() =>
            MakeQueries(vanilla, manifest, progress: interrupt, cancellation: cancellation.Token)
        );
        Assert.False(File.Exists(QuerySet.IndexFor(QuerySet.FolderFor(folder.File("marked")))));
        var firstReport = 0L;
        MakeQueries(vanilla, manifest, progress: new Callback(p => firstReport = firstReport == 0 ? p.Done : firstReport));
        var resumed = Fixtures.HashesBelow(QuerySet.FolderFor(folder.File("marked")));
        Assert.Equal(4, firstReport);
        Assert.Contains("tells an earlier run's", Assert.Throws<IsotopeException>(() => MakeQueries(vanilla, manifest)).Message);

        Directory.Delete(QuerySet.FolderFor(folder.File("marked")), recursive: true);
        File.Delete(QuerySet.IndexFor(QuerySet.FolderFor(folder.File("marked"))));
        MakeQueries(vanilla, manifest);
        Assert.Equal(resumed, Fixtures.HashesBelow(QuerySet.FolderFor(folder.File("marked"))));
    }

    [Fact]
    public void Constructor_OtherOriginalKeyNetworkOrMarkedImage_IsRefused()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var manifest = Mark(vanilla, Key, "marked");
        AssertRefused("another key's", key: CarrierKey.FromSeed(3, 64, 12));
        AssertRefused("another", networkSeed: 2);
        File.AppendAllText(folder.File($"marked/{manifest.Images[0].File}"), "x");
        AssertRefused("published");
        File.AppendAllText(folder.File($"vanilla/{manifest.Images[0].Id}"), "x");
        AssertRefused("vanilla image that was marked");

        void AssertRefused(string named, CarrierKey? key = null, long networkSeed = 1)
        {
            using var network = Fixtures.LoadedNetwork(folder, networkSeed);
            Assert.Contains(
                named,
                Assert
                    .Throws<IsotopeException>(() =>
                        new CounterfactualMarker(vanilla, folder.File("marked"), manifest, key ?? Key, network, new())
                    )
                    .Message
            );
        }
    }

    [Fact]
    public void Run_OfFilesThatAreEncodedAlike_EncodesTheVersionsAlikeToo()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var set = MakeQueries(vanilla, Mark(vanilla, Key, "marked", uniform: true));
        Assert.All(
            set.Images,
            image =>
            {
                var bytes = File.ReadAllBytes(Path.Combine(QuerySet.FolderFor(folder.File("marked")), image.File));
                Assert.Equal(ImageEncoding.Png.Encode("x", ImageCodec.Decode("x", bytes)).Bytes, bytes);
            }
        );
    }

    [Theory]
    [InlineData("../../a", "b/x", "c")]
    [InlineData("2", "1", "10")]
    public void Run_ClassNamesThatAreUnsafeOrOutOfOrder_BecomeFoldersInTheOrderOfLabels(params string[] names)
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla")) with { ClassNames = names };
        var set = MakeQueries(vanilla, Mark(vanilla, Key, "marked"));
        var asked = Dataset.Open(QuerySet.FolderFor(folder.File("marked")));
        var labels = asked.Images.ToDictionary(image => image.Id, image => image.Label);
        Assert.All(set.Images, image => Assert.Equal(names.IndexOf(image.ClassName), labels[image.File]));
        Assert.Equal(set.Images.Count, labels.Count);
    }

    /// <summary>Otherwise marks made by another version or machine would be stronger or weaker than the counterfactual ones.</summary>
    [Fact]
    public void Run_MarksThatAreNotReproduced_AreMadeAnewWithTheOthers()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var manifest = Mark(vanilla, Key, "marked");
        var altered = manifest.Images.Select(image =>
        {
            var path = folder.File($"marked/{image.File}");
            var pixels = ImageCodec.Decode(path);
            File.WriteAllBytes(path, ImageCodec.EncodePng(pixels with { Pixels = [.. pixels.Pixels.Select(value => (byte)(value ^ 1))] }));
            return image with { Sha256 = Hashes.OfFile(path), PixelsSha256 = ImageCodec.Decode(path).Sha256() };
        });
        var set = MakeQueries(vanilla, manifest with { Images = [.. altered] });
        Assert.True(set.IsMadeAnew);
        Assert.Equal(6 * 4, set.Images.Count);
        for (var version = 0; version < 3; version++)
            Assert.Equal(
                HashesOf(set, version),
                Mark(vanilla, version == 0 ? Key : Fixtures.KeyOfVersion(Key, version), $"other{version}")
                    .Images.Select(image => image.Sha256)
                    .Order()
            );
    }

    [Fact]
    public void ImagesPerClass_Fewer_AreAmongThoseOfMore()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 8);
        var manifest = Mark(vanilla, Key, "marked");
        var set = MakeQueries(vanilla, manifest, new() { Versions = 2, ImagesPerClass = 2 });
        Assert.Equal([2, 2, 2], set.ClassNames.Select(name => set.Images.Count(image => image.ClassName == name && image.Version == 1)));
    }

    public void Dispose() => folder.Dispose();

    private static IEnumerable<string> HashesOf(QuerySet set, int? version) =>
        set.Images.Where(image => image.Version == version).Select(image => image.Sha256).Order();

    private Manifest Mark(Dataset vanilla, CarrierKey key, string output, MarkUnit unit = MarkUnit.Class, bool uniform = false)
    {
        using var network = Fixtures.LoadedNetwork(folder);
        var options = new DatasetMarkingOptions
        {
            Fraction = 0.5,
            Unit = unit,
            OnlyMarked = !uniform,
            UniformEncoding = uniform,
            Marking = new MarkingOptions { Iterations = 3 },
        };
        return new DatasetMarker(vanilla, key, network, options).Run(folder.File(output));
    }

    private QuerySet MakeQueries(
        Dataset vanilla,
        Manifest manifest,
        CounterfactualOptions? options = null,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var network = Fixtures.LoadedNetwork(folder);
        return new CounterfactualMarker(
            vanilla,
            folder.File("marked"),
            manifest,
            Key,
            network,
            options ?? new() { Versions = 3, BatchSize = 4 }
        ).Run(progress, cancellation);
    }
}
