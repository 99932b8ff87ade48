using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Runs;

namespace Isotope.Tests.Marking;

public sealed class DatasetMarkerTests
{
    private static readonly CarrierKey Key = CarrierKey.FromSeed(3, 64, 11);
    private static readonly DatasetMarkingOptions Options = new()
    {
        Fraction = 0.5,
        BatchSize = 2,
        Marking = new MarkingOptions { Iterations = 4 },
    };

    [Fact]
    public void Run_HalfOfADataset_MarksHalfOfEachClassAndCopiesTheRestByteForByte()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), channels: 1);
        var manifest = Mark(vanilla, folder.File("marked"));

        var (before, after) = (Fixtures.HashesBelow(folder.File("vanilla")), Fixtures.HashesBelow(folder.File("marked")));
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.Equal([2, 2, 2], vanilla.ClassNames.Select(name => manifest.Images.Count(image => image.ClassName == name)));
        Assert.Equal(manifest.Images.Select(image => image.Id).Order(), before.Keys.Where(id => before[id] != after[id]).Order());
        foreach (var image in manifest.Images)
        {
            var original = ImageCodec.Decode(folder.File($"vanilla/{image.Id}"));
            var marked = ImageCodec.Decode(folder.File($"marked/{image.File}"));
            Assert.True(marked.SameShapeAs(original));
            Assert.Equal(Quality.Compare(original, marked), new Quality(image.Psnr, image.MaxDifference));
            Assert.Equal((before[image.Id], after[image.File]), (image.SourceSha256, image.Sha256));
        }
    }

    [Fact]
    public void Run_OtherBatchSize_GivesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        Mark(vanilla, folder.File("a"));
        Mark(vanilla, folder.File("b"), Options with { BatchSize = 5 });
        Assert.Equal(Fixtures.HashesBelow(folder.File("a")), Fixtures.HashesBelow(folder.File("b")));
        Assert.Equal(File.ReadAllText(Manifest.PathFor(folder.File("a"))), File.ReadAllText(Manifest.PathFor(folder.File("b"))));
    }

    /// <summary>A link may lead to any file, which must not be published; nor must a key that lies among the images.</summary>
    [Theory]
    [InlineData(true, "a secret")]
    [InlineData(false, "{\"format\": \"isotope-key-1\"}")]
    public void Run_FileThatIsNotAnImage_IsNotCopiedIfItMayBeASecret(bool isLink, string content)
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("v"));
        File.WriteAllText(isLink ? folder.File("secret") : folder.File("v/class0/zz.png"), content);
        if (isLink)
            File.CreateSymbolicLink(folder.File("v/class0/zz.png"), folder.File("secret"));
        Assert.Contains(
            "zz.png: expected a JPEG, PNG",
            Assert
                .Throws<IsotopeException>(() => Mark(Dataset.Open(vanilla.Root), folder.File("m"), Options with { Fraction = 0.3 }))
                .Message
        );
        Assert.False(File.Exists(folder.File("m/class0/zz.png")));
    }

    [Fact]
    public void Run_IntoAFolderWithALink_IsRefused()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("v"));
        Directory.CreateDirectory(folder.File("m"));
        Directory.CreateDirectory(folder.File("elsewhere"));
        Directory.CreateSymbolicLink(folder.File("m/class0"), folder.File("elsewhere"));
        Assert.Contains("which leads elsewhere", Assert.Throws<IsotopeException>(() => Mark(vanilla, folder.File("m"))).Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("elsewhere")));
    }

    [Fact]
    public void Run_KilledWhileTidyingUp_IsFinishedByTheSameCommand()
    {
        using var folder = new TemporaryFolder();
        var (vanilla, output) = (Fixtures.WriteFolder(folder.File("vanilla")), folder.File("marked"));
        var options = Options with { UniformEncoding = true };
        var manifest = Mark(vanilla, output, options);
        var before = Fixtures.HashesBelow(folder.Path);
        MarkingJournal.Open(MarkingJournal.PathFor(output), manifest.Settings).Dispose();
        Directory.CreateDirectory(folder.File("marked.staging"));
        folder.Write("marked.staging/left.png", [1]);
        File.SetLastWriteTimeUtc(folder.File($"marked/{manifest.Images[0].File}"), DateTime.UnixEpoch);

        Mark(vanilla, output, options);
        Assert.Equal(before, Fixtures.HashesBelow(folder.Path));
        Assert.Single(Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories).Select(File.GetLastWriteTimeUtc).Distinct());
    }

    [Fact]
    public void Run_Interrupted_GoesOnAndEndsTheSame()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        Mark(vanilla, folder.File("whole"));
        using var cancellation = new CancellationTokenSource();
        var interrupt = new Callback(p =>
        {
            if (p.Done > 0)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Mark(vanilla, folder.File("broken"), progress: interrupt, cancellation: cancellation.Token)
        );
        Assert.False(File.Exists(Manifest.PathFor(folder.File("broken"))));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("broken.journal.jsonl")));
        File.AppendAllText(folder.File("broken.journal.jsonl"), """{"id":"class0/""");

        var firstReport = 0L;
        Mark(vanilla, folder.File("broken"), progress: new Callback(p => firstReport = firstReport == 0 ? p.Done : firstReport));
        Assert.Equal(2, firstReport);
        Assert.Equal(Fixtures.HashesBelow(folder.File("whole")), Fixtures.HashesBelow(folder.File("broken")));
        Assert.Equal(File.ReadAllText(Manifest.PathFor(folder.File("whole"))), File.ReadAllText(Manifest.PathFor(folder.File("broken"))));
        Assert.False(File.Exists(folder.File("broken.journal.jsonl")));
    }

    [Fact]
    public void Run_ManifestWithoutItsFolder_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        Mark(vanilla, folder.File("out"));
        Directory.Delete(folder.File("out"), recursive: true);
        Assert.Contains("an earlier run has marked", Assert.Throws<IsotopeException>(() => Mark(vanilla, folder.File("out"))).Message);
    }

    [Fact]
    public void Run_ResumedAfterOriginalsWereReplaced_MarksTheNewOnes()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var interrupt = new Callback(p =>
        {
            if (p.Done > 0)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Mark(Fixtures.WriteFolder(folder.File("vanilla")), folder.File("broken"), progress: interrupt, cancellation: cancellation.Token)
        );
        var replaced = Fixtures.WriteFolder(folder.File("vanilla"), firstSeed: 100);
        Mark(replaced, folder.File("broken"));
        Mark(replaced, folder.File("whole"));
        Assert.Equal(Fixtures.HashesBelow(folder.File("whole")), Fixtures.HashesBelow(folder.File("broken")));
    }

    [Fact]
    public void Run_ResumedTwiceAfterAFinishedImageWasDamaged_MarksItAgain()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var whole = Mark(vanilla, folder.File("whole"));
        for (var run = 0; run < 2; run++)
        {
            using var cancellation = new CancellationTokenSource();
            var reports = 0;
            var interrupt = new Callback(_ =>
            {
                if (++reports == 2)
                    cancellation.Cancel();
            });
            Assert.ThrowsAny<OperationCanceledException>(() =>
                Mark(vanilla, folder.File("broken"), progress: interrupt, cancellation: cancellation.Token)
            );
            File.WriteAllText(folder.File($"broken.staging/{whole.Images[0].File}"), "damaged");
        }

        Mark(vanilla, folder.File("broken"));
        Assert.Equal(Fixtures.HashesBelow(folder.File("whole")), Fixtures.HashesBelow(folder.File("broken")));
    }

    [Fact]
    public void Run_ResumedWithOtherSettings_IsRefusedAndNamesTheDifference()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        using var cancellation = new CancellationTokenSource();
        var interrupt = new Callback(_ => cancellation.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Mark(vanilla, folder.File("out"), progress: interrupt, cancellation: cancellation.Token)
        );
        var other = Options with { Marking = Options.Marking with { Radius = 8 } };
        Assert.Contains(
            "marking.radius = 8 instead of 10",
            Assert.Throws<IsotopeException>(() => Mark(vanilla, folder.File("out"), other)).Message
        );
    }

    [Fact]
    public void Run_OutputNotEmptyOrInsideTheDataset_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        Assert.Contains("inside it", Assert.Throws<IsotopeException>(() => Mark(vanilla, folder.File("vanilla/class0/out"))).Message);
        Assert.Contains(
            "inside it",
            Assert.Throws<IsotopeException>(() => Mark(Dataset.Open(folder.File("vanilla/")), folder.File("vanilla/out"))).Message
        );
        Assert.Contains(
            "empty folder",
            Assert.Throws<IsotopeException>(() => Mark(vanilla, folder.Path + "/vanilla/../vanilla2/..")).Message
        );
        Directory.CreateSymbolicLink(folder.File("elsewhere"), folder.File("vanilla/class0"));
        Assert.Contains("inside it", Assert.Throws<IsotopeException>(() => Mark(vanilla, folder.File("elsewhere/out"))).Message);
    }

    [Fact]
    public void Run_RateThatChangesNothing_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var flat = Options with { Encoding = ImageEncoding.Png, Marking = Options.Marking with { Psnr = null, Rate = 1e-9 } };
        Assert.StartsWith("--rate", Assert.Throws<IsotopeException>(() => Mark(vanilla, folder.File("out"), flat)).Message);
        Mark(vanilla, folder.File("out"));
    }

    [Fact]
    public void Constructor_KeyOfOtherSize_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        using var network = Fixtures.RandomNetwork();
        Assert.Contains(
            "expected 4 classes",
            Assert.Throws<IsotopeException>(() => new DatasetMarker(vanilla, CarrierKey.FromSeed(4, 64, 1), network, Options)).Message
        );
        Assert.Contains(
            "dimension 64",
            Assert.Throws<IsotopeException>(() => new DatasetMarker(vanilla, CarrierKey.FromSeed(3, 65, 1), network, Options)).Message
        );
    }

    private static Manifest Mark(
        Dataset vanilla,
        string output,
        DatasetMarkingOptions? options = null,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var network = Fixtures.RandomNetwork();
        return new DatasetMarker(vanilla, Key, network, options ?? Options).Run(output, progress, cancellation);
    }
}
