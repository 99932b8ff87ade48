using System.IO.Compression;
using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Parquet;
using Parquet.Schema;

namespace Isotope.Tests.Datasets.Formats;

public sealed class DatasetFormatTests : IDisposable
{
    private static readonly string Deep = string.Concat(Enumerable.Repeat("deep/", 25));
    private static readonly byte[] Many = [0, 0xf, 0x42, 0x41]; // 1,000,001
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, string[], int, int> Goldens =>
        new()
        {
            // path, expected pixels, first and last id, first expected image, number of images
            { "train-images-idx3-ubyte.gz", "idx", ["train/00000", "train/00005"], 0, 6 },
            { "binary", "cifar", ["data_batch_1/00000", "data_batch_2/00000"], 0, 2 },
            { "binary/data_batch_2.bin", "cifar", ["data_batch_2/00000", "data_batch_2/00000"], 1, 1 },
            { "python", "cifar", ["data_batch_1/00000", "data_batch_1/00001"], 0, 2 },
            { "python3", "cifar", ["train/00000", "train/00000"], 3, 1 },
            { "train-*.tar", "cifar", ["000000.jpg", $"{Deep}000003.jpg"], 0, 4 },
            { "train-000001.tar", "cifar", ["000002.jpg", $"{Deep}000003.jpg"], 2, 2 },
            { "hf.parquet", "cifar", ["cat0.jpg", "dog3.jpg"], 0, 4 },
        };

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Open_FilesOfOtherTools_HasTheirImagesAndLabels(string path, string pixels, string[] ids, int first, int count)
    {
        var dataset = Dataset.Open(GoldenDatasets.PathOf(path));
        Assert.Equal(count, dataset.Images.Count);
        Assert.Equal((ids[0], ids[1]), (dataset.Images[0].Id, dataset.Images[^1].Id));
        Assert.Equal(
            GoldenDatasets.AllPixelsOf(pixels)[first..(first + count)],
            dataset.Images.Select(image => image.Source.Decode().Sha256())
        );
        Assert.Equal(
            Enumerable.Range(first, count).Select(i => pixels == "idx" ? i % 3 : i % 2),
            dataset.Images.Select(image => image.Label)
        );
        Assert.Equal(count, dataset.Images.Select(image => image.Source.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("binary", "cat dog")]
    [InlineData("python", "cat dog")]
    [InlineData("python3", "cat dog")]
    [InlineData("hf.parquet", "cat dog")]
    [InlineData("train-*.tar", "0 1")]
    [InlineData("train-images-idx3-ubyte.gz", "0 1 2")]
    public void Open_FilesOfOtherTools_HasTheNamesOfClasses(string path, string names) =>
        Assert.Equal(names.Split(' '), Dataset.Open(GoldenDatasets.PathOf(path)).ClassNames);

    [Fact]
    public void Open_RowsOfParquet_AreReadInAnyOrder()
    {
        var dataset = Dataset.Open(GoldenDatasets.PathOf("hf.parquet"));
        var forward = dataset.Images.Select(image => image.Source.Sha256()).ToArray();
        Assert.Equal(forward.Reverse(), dataset.Images.Reverse().Select(image => image.Source.Sha256()));
    }

    [Fact]
    public void Open_LinksInAFolder_StandForImagesAndClassesOnly()
    {
        if (OperatingSystem.IsWindows())
            return;
        var vanilla = Fixtures.WriteFolder(folder.File("v")).Root;
        File.CreateSymbolicLink(folder.File("v/class0/linked.png"), Directory.EnumerateFiles(folder.File("v/class1")).First());
        Directory.CreateSymbolicLink(folder.File("v/class0/loop"), folder.File("v/class0"));
        Directory.CreateSymbolicLink(folder.File("v/class9"), folder.File("v/class1"));
        var dataset = Dataset.Open(vanilla);
        Assert.Equal([5, 4, 4, 4], dataset.Images.CountBy(image => image.Label).Select(images => images.Value));
        Assert.Equal(dataset.ClassNames, ["class0", "class1", "class2", "class9"]);
    }

    [Fact]
    public void Open_PlainAndGzipOfTheSameFiles_TakesThePlainOnes()
    {
        foreach (var name in new[] { "train-images-idx3-ubyte", "train-labels-idx1-ubyte" })
        {
            File.Copy(GoldenDatasets.PathOf(name + ".gz"), folder.File(name + ".gz"));
            using var zipped = new GZipStream(File.OpenRead(folder.File(name + ".gz")), CompressionMode.Decompress);
            using var plain = File.Create(folder.File(name));
            zipped.CopyTo(plain);
        }

        var dataset = Dataset.Open(folder.Path);
        Assert.Equal(6, dataset.Images.Count);
        Assert.All(dataset.Images, image => Assert.EndsWith("ubyte", image.Source.File));
    }

    [Theory]
    [InlineData(200_000, "a schema of 200000 elements")]
    [InlineData(-5, "found: ")]
    public void Open_ParquetOfADeepSchema_IsRefusedBeforeItCrashesTheProcess(int elements, string named)
    {
        using var footer = new MemoryStream();
        using var writer = new BinaryWriter(footer);
        writer.Write([0x15, 0x02, 0x19, 0xFC]);
        writer.Write7BitEncodedInt(elements);
        writer.Write((byte)0);
        File.WriteAllBytes(
            folder.File("a.parquet"),
            [.. "PAR1"u8, .. footer.ToArray(), .. BitConverter.GetBytes((uint)footer.Length), .. "PAR1"u8]
        );
        Assert.Contains(named, Assert.Throws<IsotopeException>(() => Dataset.Open(folder.File("a.parquet"))).Message);
    }

    [Fact]
    public void Open_FolderOfTwoSplits_TakesTheTrainingFiles()
    {
        var path = GoldenDatasets.Copy(folder, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz");
        foreach (var kind in new[] { "images-idx3", "labels-idx1" })
            File.Copy(Path.Combine(path, $"train-{kind}-ubyte.gz"), Path.Combine(path, $"t10k-{kind}-ubyte.gz"));
        Assert.All(Dataset.Open(path).Images, image => Assert.StartsWith("train/", image.Id));
        Assert.All(Dataset.Open(Path.Combine(path, "t10k*")).Images, image => Assert.StartsWith("t10k/", image.Id));
    }

    [Fact]
    public void Open_RepositoryOfHuggingFace_FindsParquetInItsDataFolder()
    {
        Directory.CreateDirectory(folder.File("data"));
        File.Copy(GoldenDatasets.PathOf("hf.parquet"), folder.File("data/train-00000-of-00001.parquet"));
        File.WriteAllText(folder.File("README.md"), "# A dataset");
        Assert.Equal(4, Dataset.Open(folder.Path).Images.Count);
    }

    [Fact]
    public void Open_ArchiveBesideClassFolders_IsNotTheDataset()
    {
        var vanilla = Fixtures.WriteFolder(folder.Path);
        File.Copy(GoldenDatasets.PathOf("train-000000.tar"), folder.File("backup.tar"));
        Assert.Equal(vanilla.Images, Dataset.Open(folder.Path).Images);
    }

    [Fact]
    public void Open_NamesThatRepeat_GetTheirFilesBeforeThem()
    {
        var path = GoldenDatasets.Copy(folder, "train-000000.tar", "hf.parquet");
        File.Copy(Path.Combine(path, "train-000000.tar"), Path.Combine(path, "train-b.tar"));
        File.Copy(Path.Combine(path, "hf.parquet"), Path.Combine(path, "hg.parquet"));
        Assert.Equal(
            ["train-000000/000000.jpg", "train-000000/000001.jpg", "train-b/000000.jpg", "train-b/000001.jpg"],
            Dataset.Open(Path.Combine(path, "*.tar")).Images.Select(image => image.Id)
        );
        Assert.Equal(
            ["hf/00000", "hg/00003"],
            Dataset.Open(Path.Combine(path, "*.parquet")).Images.Where((_, i) => i is 0 or 7).Select(image => image.Id)
        );
    }

    [Theory]
    [InlineData("l.csv", "path,label", "sub/{0}.jpg,{1}", "cat dog")]
    [InlineData("l.csv", "note,label,file_name", "\"a, b\",{1},./sub/{0}.jpg", "cat dog")]
    [InlineData("l.jsonl", null, "{{\"file_name\": \"sub/{0}.jpg\", \"label\": \"{1}\", \"note\": 1}}", "cat dog")]
    [InlineData("l.jsonl", null, "{{\"path\": \"sub/{0}.jpg\", \"label\": {0}}}", "0 1 2 3")]
    public void Open_List_HasItsPathsAndLabels(string name, string? header, string line, string names)
    {
        var path = GoldenDatasets.WriteList(folder, name, i => string.Format(null, line, i, i % 2 == 0 ? "cat" : "dog"), header);
        var dataset = Dataset.Open(path);
        Assert.Equal(names.Split(' '), dataset.ClassNames);
        Assert.Equal(Enumerable.Range(0, 4).Select(i => $"sub/{i}.jpg"), dataset.Images.Select(image => image.Id));
        Assert.Equal(GoldenDatasets.AllPixelsOf("cifar"), dataset.Images.Select(image => image.Source.Decode().Sha256()));
    }

    [Fact]
    public void Labels_ClassesWithTheSameName_GetDifferentNames() =>
        Assert.Equal(
            ["crane", "ox", "crane (3)", "crane (3)'", "crane (4)"],
            ClassLabels.Of("x", [0L], ["crane", "ox", "crane (3)", "crane", "crane"]).ClassNames
        );

    [Theory]
    [InlineData("path,label\n../x.png,1\n", "below the list's folder, found '../x.png'")]
    [InlineData("path,label\n/etc/passwd,1\n", "below the list's folder")]
    [InlineData("path,label\na.png,1\na.png,1\n", "each path once")]
    [InlineData("path,text\na.png,1\n", "a column of labels (label, class …), or --label-column, found text")]
    [InlineData("path,class,target\na.png,1,2\n", "one column of labels, found class, target")]
    [InlineData("path,label\na.png,1\nb.png,\n", "a label of each image, found none of image 2")]
    [InlineData("path,label\na.png,0\nb.png,-1\n", "labels of 0 to 99999, found -1")]
    [InlineData("path,label\na.png\n", "1 cells in line 2, where the first has 2")]
    [InlineData("id,label\na,1\n", "the image 'a' below")]
    [InlineData("path,label\n", "a row for each image")]
    [InlineData("path,label\na.png,4294967\n", "labels of 0 to 99999, found 4294967")]
    public void Open_BadList_IsRefused(string text, string expected)
    {
        File.WriteAllText(folder.File("l.csv"), text);
        AssertRefused(folder.File("l.csv"), expected);
    }

    [Fact]
    public void Open_MemberThatLeavesTheArchive_IsRefused()
    {
        using (var file = File.Create(folder.File("evil.tar")))
        using (var writer = new System.Formats.Tar.TarWriter(file))
            writer.WriteEntry(
                new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "../../evil.png")
                {
                    DataStream = new MemoryStream([1]),
                }
            );
        AssertRefused(folder.File("evil.tar"), "names of members below the archive, found '../../evil.png'");
    }

    /// <summary>Found by fuzzing: attributes (PAX) and long names (GNU) that claim half a gigabyte, in a file of ten kilobytes.</summary>
    [Theory]
    [InlineData("train-000000.tar", 4608, "02000000000\0")]
    [InlineData("train-000001.tar", 3584, "02000000000\0")]
    [InlineData("train-000001.tar", 3584, "\u0080\0\0\0\0\0\0\0 \0\0\0")]
    public void Open_TarThatClaimsLargeAttributes_IsRefusedWithoutTheMemory(string file, int header, string size)
    {
        var tar = File.ReadAllBytes(GoldenDatasets.PathOf(file));
        System.Text.Encoding.Latin1.GetBytes(size).CopyTo(tar, header + 124);
        File.WriteAllBytes(folder.File("a.tar"), tar);
        var before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(folder.File("a.tar"), "names and attributes");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Open_ArraysThatRunCode_AreRefused()
    {
        File.WriteAllBytes(folder.File("data_batch_1"), [0x80, 2, .. "cos\nsystem\n"u8, .. "U\u0002id\u0085R."u8]);
        AssertRefused(folder.File("data_batch_1"), "asks for os.system");
    }

    [Fact]
    public void Open_LabelsAreMissing_IsRefused()
    {
        var path = GoldenDatasets.Copy(folder, "train-images-idx3-ubyte.gz");
        AssertRefused(path, "labels in train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz");
        File.WriteAllBytes(Path.Combine(path, "train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0]);
        AssertRefused(path, "train-labels-idx1-ubyte: expected 6 labels, as many as images, found 5");
    }

    [Fact]
    public void Open_IdxOfMoreImagesThanItsBytesHold_IsRefused()
    {
        WriteGzip("train-images-idx3-ubyte.gz", [0, 0, 8, 3, .. Many, 0, 0, 0, 1, 0, 0, 0, 1]);
        WriteGzip("train-labels-idx1-ubyte.gz", [0, 0, 8, 1, .. Many]);
        AssertRefused(
            folder.Path,
            $"train-images-idx3-ubyte.gz: expected at most 1000000 images in "
                + $"{new FileInfo(folder.File("train-images-idx3-ubyte.gz")).Length} bytes, found 1000001"
        );

        void WriteGzip(string name, byte[] header)
        {
            using var gzip = new GZipStream(File.Create(folder.File(name)), CompressionLevel.Fastest);
            gzip.Write(header);
            gzip.Write(new byte[1_000_001]);
        }
    }

    [Fact]
    public async Task Open_ParquetOfMoreRowsThanItsBytesHold_IsRefused()
    {
        var schema = new ParquetSchema(new StructField("image", new DataField<byte[]>("bytes")), new DataField<long>("label"));
        await using (var stream = File.Create(folder.File("a.parquet")))
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream))
        {
            foreach (var rows in (int[])[1_000_000, 1])
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync(schema.GetDataFields()[0], Enumerable.Repeat(new byte[] { 1 }, rows).ToArray());
                await group.WriteAsync<long>(schema.GetDataFields()[1], new long[rows].AsMemory());
            }
        }

        AssertRefused(
            folder.File("a.parquet"),
            $"a.parquet: expected at most 1000000 images in {new FileInfo(folder.File("a.parquet")).Length} bytes, found 1000001"
        );
    }

    [Theory]
    [InlineData("nowhere", "no such folder")]
    [InlineData("*.tar", "files of this pattern")]
    [InlineData("other.txt", "or a list (CSV, TSV, JSON), found something else")]
    public void Open_NoDataset_SaysWhatWasExpected(string name, string expected)
    {
        File.WriteAllText(folder.File("other.txt"), "text");
        AssertRefused(folder.File(name), expected);
    }

    public void Dispose() => folder.Dispose();

    private static void AssertRefused(string path, string expected)
    {
        var message = Assert.Throws<IsotopeException>(() => Dataset.Open(path)).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain(message, char.IsControl);
    }
}
