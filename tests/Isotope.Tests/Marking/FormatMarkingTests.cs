using System.Formats.Tar;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Marking;
using Isotope.Runs;
using Isotope.Tests.Datasets.Formats;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace Isotope.Tests.Marking;

/// <summary>Datasets of every format, marked and written again.</summary>
public sealed class FormatMarkingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string[], string> Formats =>
        new()
        {
            { ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"], "" },
            { ["binary/data_batch_1.bin", "binary/data_batch_2.bin", "binary/batches.meta.txt"], "" },
            { ["python/data_batch_1", "python/batches.meta"], "" },
            { ["python3/train", "python3/meta"], "train" },
            { ["train-000000.tar", "train-000001.tar"], "" },
            { ["hf.parquet"], "hf.parquet" },
        };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Run_AnyFormat_WritesTheSameFormatWithImagesReplaced(string[] files, string given)
    {
        var vanilla = Dataset.Open(Path.Combine(GoldenDatasets.Copy(folder, files), given));
        var manifest = Mark(vanilla, folder.File("marked"));
        var marked = Dataset.Open(Path.Combine(folder.File("marked"), given));

        Assert.Equal(
            files.Select(Path.GetFileName).Order(),
            Directory.EnumerateFiles(folder.File("marked")).Select(Path.GetFileName).Order()
        );
        Assert.Equal(vanilla.ClassNames, marked.ClassNames);
        Assert.Equal(vanilla.Images.Select(image => image.Label), marked.Images.Select(image => image.Label));
        AssertImages(vanilla, marked, manifest);
        Assert.False(Directory.Exists(folder.File("marked.staging")));
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.part", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(new[] { "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz" }, "")]
    [InlineData(new[] { "python/data_batch_1", "python/batches.meta" }, "")]
    [InlineData(new[] { "train-000000.tar", "train-000001.tar" }, "")]
    [InlineData(new[] { "hf.parquet" }, "hf.parquet")]
    public void Run_AsFolder_WritesClassFoldersInTheOrderOfLabels(string[] files, string given)
    {
        var vanilla = Dataset.Open(Path.Combine(GoldenDatasets.Copy(folder, files), given));
        var manifest = Mark(vanilla, folder.File("marked"), Options(vanilla) with { AsFolder = true });
        var marked = Dataset.Open(folder.File("marked"));

        Assert.Equal(vanilla.Images.Select(image => image.Label).Order(), marked.Images.Select(image => image.Label));
        var byPixels = marked.Images.ToDictionary(image => image.Source.Decode().Sha256(), image => image.Label);
        Assert.All(manifest.Images, image => Assert.Equal(image.ClassName, marked.ClassNames[byPixels[image.PixelsSha256]]));
        var chosen = manifest.Images.Select(image => image.Id).ToHashSet();
        Assert.All(
            vanilla.Images.Where(image => !chosen.Contains(image.Id)),
            image => Assert.Equal(image.Label, byPixels[image.Source.Decode().Sha256()])
        );
    }

    [Fact]
    public void Run_Interrupted_EndsWithTheSameBytes()
    {
        var vanilla = Dataset.Open(GoldenDatasets.Copy(folder, "train-000000.tar", "train-000001.tar"));
        Mark(vanilla, folder.File("whole"));
        foreach (var stage in new[] { "marking", "writing files" })
        {
            using var cancellation = new CancellationTokenSource();
            var output = folder.File(stage[..4]);
            Assert.ThrowsAny<OperationCanceledException>(() =>
                Mark(vanilla, output, progress: new Interrupt(stage, cancellation), cancellation: cancellation.Token)
            );
            Assert.False(File.Exists(Manifest.PathFor(output)));
            Mark(vanilla, output);
            Assert.Equal(Fixtures.HashesBelow(folder.File("whole")), Fixtures.HashesBelow(output));
            Assert.Equal(File.ReadAllText(Manifest.PathFor(folder.File("whole"))), File.ReadAllText(Manifest.PathFor(output)));
        }
    }

    [Fact]
    public void Run_TarShards_KeepEveryOtherMemberByteForByteAndInItsPlace()
    {
        var vanilla = Dataset.Open(GoldenDatasets.Copy(folder, "train-000000.tar", "train-000001.tar"));
        var files = Mark(vanilla, folder.File("marked"), Options(vanilla) with { Encoding = new ImageEncoding(ImageFormat.WebP) })
            .Images.ToDictionary(image => image.Id, image => image.File);
        foreach (var shard in vanilla.Container!.Files)
        {
            var (before, after) = (Members(shard), Members(Path.Combine(folder.File("marked"), Path.GetFileName(shard))));
            Assert.Equal(before.Select(member => files.GetValueOrDefault(member.Name) ?? member.Name), after.Select(member => member.Name));
            Assert.Equal(
                before.Select(member => (member.Mode, member.Seconds, member.Owner)),
                after.Select(member => (member.Mode, member.Seconds, member.Owner))
            );
            Assert.Equal(
                before.Where(member => !files.ContainsKey(member.Name)).Select(member => member.Hash),
                after.Where(member => !files.ContainsValue(member.Name)).Select(member => member.Hash)
            );
        }
    }

    [Fact]
    public async Task Run_Parquet_KeepsSchemaMetadataGroupsAndOtherColumns()
    {
        var vanilla = Dataset.Open(GoldenDatasets.Copy(folder, "hf.parquet"));
        Mark(vanilla, folder.File("marked"));
        await using var before = await ParquetReader.CreateAsync(folder.File("vanilla/hf.parquet"));
        await using var after = await ParquetReader.CreateAsync(folder.File("marked/hf.parquet"));
        Assert.True(before.Schema.Equals(after.Schema));
        Assert.Equal(before.CustomMetadata, after.CustomMetadata);
        Assert.Equal(["huggingface", "ARROW:schema"], after.CustomMetadata.Keys);
        Assert.Equal([3, 1], after.RowGroups.Select(group => group.RowCount));
        for (var group = 0; group < after.RowGroupCount; group++)
        {
            using var old = before.OpenRowGroupReader(group);
            using var now = after.OpenRowGroupReader(group);
            foreach (var field in after.Schema.GetDataFields().Where(field => field.Name != "bytes"))
                Assert.Equal(await Column(old, field), await Column(now, field));
        }
    }

    [Fact]
    public void Run_RawPixels_ChangeTheirOwnBytesAlone()
    {
        var vanilla = Dataset.Open(GoldenDatasets.Copy(folder, "python/data_batch_1", "python/batches.meta"));
        var manifest = Mark(vanilla, folder.File("marked"));
        var before = File.ReadAllBytes(folder.File("vanilla/data_batch_1"));
        var after = File.ReadAllBytes(folder.File("marked/data_batch_1"));
        var changed = before.Index().Where(value => value.Item != after[value.Index]).ToArray();
        var starts = manifest
            .Images.Select(image => before.AsSpan().IndexOf(vanilla.Images.Single(vanilla => vanilla.Id == image.Id).Source.Read()))
            .ToArray();
        Assert.NotEmpty(changed);
        Assert.All(changed, value => Assert.Contains(starts, start => value.Index >= start && value.Index < start + 3072));
        Assert.Equal(File.ReadAllBytes(folder.File("vanilla/batches.meta")), File.ReadAllBytes(folder.File("marked/batches.meta")));
    }

    [Theory]
    [InlineData("l.csv", "note,path,label", "\"a, \"\"b\"\"\",sub/{0}.jpg,{1}", "\"a, \"\"b\"\"\",sub/{0}.png,{1}")]
    [InlineData(
        "l.jsonl",
        null,
        "{{\"label\": \"{1}\", \"path\":\"sub/{0}.jpg\", \"note\": 1.50}}",
        "{{\"label\":\"{1}\",\"path\":\"sub/{0}.png\",\"note\":1.50}}"
    )]
    public void Run_List_NamesTheMarkedImagesAndKeepsItsOtherColumns(string name, string? header, string line, string markedLine)
    {
        string Line(string format, int i) => string.Format(null, format, i, i % 2 == 0 ? "cat" : "dog");
        var vanilla = Dataset.Open(GoldenDatasets.WriteList(folder, name, i => Line(line, i), header));
        var manifest = Mark(vanilla, folder.File("marked"), Options(vanilla) with { Encoding = ImageEncoding.Png });
        var chosen = manifest.Images.Select(image => image.Id).ToHashSet();
        Assert.Equal(
            [
                .. header is null ? [] : new[] { header },
                .. vanilla.Images.Select((image, i) => Line(chosen.Contains(image.Id) ? markedLine : line, i)),
            ],
            File.ReadAllLines(folder.File($"marked/{name}"))
        );
        AssertImages(vanilla, Dataset.Open(folder.File($"marked/{name}")), manifest);
    }

    [Theory]
    [InlineData("l.jsonl", null, "{{ \"label\": \"{1}\",\t\"path\": \"sub\\/{0}.png\", \"note\": 1.50 }}")]
    [InlineData("l.csv", "note,path,label", "\"a, \n\"\"b\"\"\",sub/{0}.png,{1}")]
    public void Run_ListOfPngs_StaysAsItIsByteForByte(string name, string? header, string line)
    {
        var path = GoldenDatasets.WriteList(
            folder,
            name,
            i => string.Format(null, line, i, i % 2 == 0 ? "cat" : "dog") + "\r",
            header is null ? null : $"\ufeff{header}\r"
        );
        File.WriteAllText(path, File.ReadAllText(path).TrimEnd());
        foreach (var file in Directory.GetFiles(folder.File("vanilla/sub")))
        {
            File.WriteAllBytes(Path.ChangeExtension(file, ".png"), ImageCodec.EncodePng(ImageCodec.Decode(file)));
            File.Delete(file);
        }

        Assert.NotEmpty(Mark(Dataset.Open(path), folder.File("marked")).Images);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(folder.File($"marked/{name}")));
    }

    [Fact]
    public void Run_ListOfFilesWithOtherExtensions_KeepsTheirNames()
    {
        var path = GoldenDatasets.WriteList(folder, "l.csv", i => $"sub/{i}.jfif,{(i % 2 == 0 ? "cat" : "dog")}", "path,label");
        foreach (var file in Directory.GetFiles(folder.File("vanilla/sub")))
            File.Move(file, Path.ChangeExtension(file, ".jfif"));
        var vanilla = Dataset.Open(path);
        var manifest = Mark(vanilla, folder.File("marked"));
        AssertImages(vanilla, Dataset.Open(folder.File("marked/l.csv")), manifest);
    }

    [Fact]
    public void Run_OnlyMarked_WritesFilesThatOverlayTheOthers()
    {
        var vanilla = Dataset.Open(GoldenDatasets.Copy(folder, "binary/data_batch_1.bin", "binary/data_batch_2.bin"));
        var manifest = Mark(vanilla, folder.File("marked"), Options(vanilla) with { OnlyMarked = true });
        Assert.Equal(
            manifest.Images.Select(image => image.File),
            Fixtures.HashesBelow(folder.File("marked")).Keys.Order(StringComparer.Ordinal)
        );
        var both = vanilla.Overlay(folder.File("marked"));
        Assert.Equal(vanilla.Images.Select(image => image.Id), both.Images.Select(image => image.Id));
        Assert.Equal(
            manifest.Images.Select(image => image.PixelsSha256),
            both.Images.Where(image => image.Source is FileSource).Select(image => image.Source.Decode().Sha256())
        );
    }

    [Theory]
    [InlineData(ImageFormat.WebP, null)]
    [InlineData(ImageFormat.Jpeg, 60)]
    public void Run_OtherEncoding_RecordsThePixelsThatReadersSee(ImageFormat format, int? quality)
    {
        var vanilla = Dataset.Open(GoldenDatasets.Copy(folder, "hf.parquet"));
        var manifest = Mark(vanilla, folder.File("marked"), Options(vanilla) with { Encoding = new ImageEncoding(format, quality) });
        var marked = Dataset.Open(folder.File("marked"));
        AssertImages(vanilla, marked, manifest);
        Assert.Equal(format == ImageFormat.Jpeg, manifest.Images.All(image => image.MaxDifference > 10));
    }

    [Fact]
    public void Run_TurnedTransparentAndInkedImages_StayWhatTheyAre()
    {
        Directory.CreateDirectory(folder.File("vanilla/a"));
        foreach (var name in new[] { "orientation6.jpg", "alpha.png", "cmyk.jpg", "grey.png" })
            File.Copy(GoldenDatasets.PathOf(name), folder.File($"vanilla/a/{name}"));
        var vanilla = Dataset.Open(folder.File("vanilla")) with { ClassNames = ["a", "b"] };
        var manifest = Mark(vanilla, folder.File("marked"), Options(vanilla) with { Fraction = 1 });
        foreach (var image in manifest.Images)
        {
            var before = ImageCodec.Decode(folder.File($"vanilla/{image.Id}"));
            var after = ImageCodec.Decode(folder.File($"marked/{image.File}"));
            Assert.Equal(image.Id, image.File);
            Assert.Null(image.Changed);
            Assert.True(after.SameShapeAs(before));
            Assert.Equal(before.Alpha, after.Alpha);
            Assert.Equal(
                (after.Sha256(), new Quality(image.Psnr, image.MaxDifference)),
                (image.PixelsSha256, Quality.Compare(before, after))
            );
        }
    }

    [Fact]
    public void Draw_OneDatasetInSeveralFormats_TakesTheSameImages()
    {
        var images = Dataset.Open(GoldenDatasets.PathOf("hf.parquet")).Images;
        Directory.CreateDirectory(folder.File("list"));
        using (var tar = new TarWriter(File.Create(folder.File("a.tar"))))
            foreach (var image in images)
            {
                var id = $"{ClassOf(image)}/{image.Id}";
                Directory.CreateDirectory(Path.GetDirectoryName(folder.File($"list/{id}"))!);
                File.WriteAllBytes(folder.File($"list/{id}"), image.Source.Read());
                tar.WriteEntry(folder.File($"list/{id}"), id);
            }

        var lines = images.Reverse().Select(image => $"{ClassOf(image)}/{image.Id},{ClassOf(image)}");
        File.WriteAllLines(folder.File("list/l.csv"), ["path,label", .. lines]);
        var key = CarrierKey.FromSeed(2, 64, 3);
        string[][] chosen =
        [
            .. new[] { "list", "list/l.csv", "a.tar" }.Select(path =>
                ImageSelection.Draw(Dataset.Open(folder.File(path)), key, 0.5).Select(image => image.Id).Order().ToArray()
            ),
        ];
        Assert.Equal(2, chosen[0].Length);
        Assert.All(chosen, ids => Assert.Equal(chosen[0], ids));

        static string ClassOf(LabelledImage image) => image.Label == 0 ? "cat" : "dog";
    }

    [Fact]
    public void Constructor_AsFolderWithoutImagesOfAClass_IsRefused()
    {
        var vanilla = Dataset.Open(GoldenDatasets.PathOf("python3"));
        Assert.Contains(
            "found none of cat",
            Assert.Throws<IsotopeException>(() => Mark(vanilla, folder.File("m"), Options(vanilla) with { AsFolder = true })).Message
        );
    }

    [Fact]
    public void Constructor_EncodingThatTheFormatCannotStore_IsRefused()
    {
        foreach (
            var (path, encoding, expected) in new[]
            {
                ("binary", ImageEncoding.Jpeg(90), "raw pixels"),
                ("hf.parquet", new ImageEncoding(ImageFormat.Npy), "png or webp"),
            }
        )
        {
            var vanilla = Dataset.Open(GoldenDatasets.PathOf(path));
            Assert.Contains(
                expected,
                Assert
                    .Throws<IsotopeException>(() => Mark(vanilla, folder.File("m"), Options(vanilla) with { Encoding = encoding }))
                    .Message
            );
            Assert.False(Directory.Exists(folder.File("m")));
        }
    }

    [Fact]
    public void Run_AsFolderOfHostileClassNames_StaysBelowTheOutput()
    {
        var vanilla = Dataset.Open(Path.Combine(GoldenDatasets.Copy(folder, "hf.parquet"), "hf.parquet")) with
        {
            ClassNames = ["../b", "a"],
        };
        Mark(vanilla, folder.File("marked"), Options(vanilla) with { AsFolder = true });
        Assert.Equal(
            ["marked", "marked.manifest.json", "vanilla"],
            Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order()
        );
        Assert.Equal(
            vanilla.Images.Select(image => image.Label).Order(),
            Dataset.Open(folder.File("marked")).Images.Select(image => image.Label)
        );
    }

    public void Dispose() => folder.Dispose();

    private static DatasetMarkingOptions Options(Dataset dataset) =>
        new()
        {
            Fraction = 0.5,
            BatchSize = 1,
            Marking = new MarkingOptions { Iterations = 2 },
        };

    private static Manifest Mark(
        Dataset vanilla,
        string output,
        DatasetMarkingOptions? options = null,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var network = Fixtures.RandomNetwork(vanilla.ClassNames.Count);
        var key = CarrierKey.FromSeed(vanilla.ClassNames.Count, 64, 3);
        return new DatasetMarker(vanilla, key, network, options ?? Options(vanilla)).Run(output, progress, cancellation);
    }

    /// <summary>Marked images are as the manifest says, and all others are stored as they were.</summary>
    private static void AssertImages(Dataset vanilla, Dataset marked, Manifest manifest)
    {
        var (before, after) = (vanilla.Images.ToDictionary(image => image.Id), marked.Images.ToDictionary(image => image.Id));
        Assert.NotEmpty(manifest.Images);
        foreach (var image in manifest.Images)
        {
            var (original, source) = (before[image.Id].Source, after[image.File].Source);
            Assert.Equal((image.SourceSha256, image.Sha256), (original.Sha256(), source.Sha256()));
            Assert.Equal(
                (image.PixelsSha256, new Quality(image.Psnr, image.MaxDifference)),
                (source.Decode().Sha256(), Quality.Compare(original.Decode(), source.Decode()))
            );
        }

        var chosen = manifest.Images.Select(image => image.Id).ToHashSet();
        Assert.All(
            vanilla.Images.Where(image => !chosen.Contains(image.Id)),
            image => Assert.Equal(image.Source.Read(), after[image.Id].Source.Read())
        );
    }

    private static async Task<string> Column(ParquetRowGroupReader group, DataField field)
    {
        using var column = await group.ReadRawColumnDataBaseAsync(field);
        var values = column switch
        {
            RawColumnData<ReadOnlyMemory<char>> texts => string.Join('|', texts.Values.ToArray()),
            RawColumnData<long> numbers => string.Join('|', numbers.Values.ToArray()),
            RawColumnData<float> numbers => string.Join('|', numbers.Values.ToArray()),
            _ => throw new NotSupportedException(),
        };
        return $"{field.Path}: {values} {string.Join(',', column.DefinitionLevels.ToArray())} "
            + $"{(field.MaxRepetitionLevel > 0 ? string.Join(',', column.RepetitionLevels.ToArray()) : "")}";
    }

    private static List<(string Name, string Hash, UnixFileMode Mode, long Seconds, string? Owner)> Members(string path)
    {
        using var reader = new TarReader(File.OpenRead(path));
        var members = new List<(string, string, UnixFileMode, long, string?)>();
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            using var bytes = new MemoryStream();
            entry.DataStream?.CopyTo(bytes);
            members.Add(
                (
                    entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name,
                    Hashes.OfBytes(bytes.ToArray()),
                    entry.Mode,
                    entry.ModificationTime.ToUnixTimeSeconds(),
                    (entry as PosixTarEntry)?.UserName
                )
            );
        }

        return members;
    }

    private sealed class Interrupt(string stage, CancellationTokenSource cancellation) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Stage == stage)
                cancellation.Cancel();
        }
    }
}
