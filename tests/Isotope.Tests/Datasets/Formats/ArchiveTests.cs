using System.Buffers.Binary;
using System.Text;
using Isotope.Datasets;
using Isotope.Datasets.Formats;
using static Isotope.Tests.Datasets.Formats.LayoutFiles;

namespace Isotope.Tests.Datasets.Formats;

/// <summary>Archives as people have them, and as nobody should.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Open_NamesInLatin1_StayDistinctAndReadable()
    {
        var tar = Tar([("d/caf0.png", Pngs[0]), ("d/caf1.png", Pngs[1])]);
        tar[tar.AsSpan().IndexOf("caf0"u8) + 3] = 0xe9;
        tar[tar.AsSpan().IndexOf("caf1"u8) + 3] = 0xe8;
        foreach (var header in new[] { 0, tar.AsSpan().LastIndexOf("d/caf"u8) })
            FixChecksum(tar.AsSpan(header, 512));
        var dataset = Dataset.Open(folder.Write("a.tar", tar));
        Assert.Equal(["d/café.png", "d/cafè.png"], dataset.Images.Select(image => image.Id));
        Assert.Equal(Pngs[1], Rewritten(dataset, 0, Pngs[5]).Images[1].Source.Read());
    }

    [Theory]
    [InlineData(null, "a/train/cat/0.png")]
    [InlineData("test", "a/test/cat/0.png")]
    [InlineData("validation", "a/val/cat/0.png")]
    public void Open_SplitsInAnArchive_AreReadOneByOne(string? split, string first)
    {
        var members = new[] { "a/test/", "a/train/", "a/val/" }.SelectMany(ClassFolders);
        var dataset = Dataset.Open(folder.Write("a.zip", Zip(members)), new DatasetOptions { Split = split });
        Assert.Equal((Count, first), (dataset.Images.Count, dataset.Images[0].Id));
        Assert.Equal(Classes, dataset.ClassNames);
        Assert.Equal(["16 images of other splits"], dataset.LeftOut);
    }

    [Fact]
    public void Open_SplitThatIsNotThere_IsRefused()
    {
        folder.Write("a.zip", Zip(ClassFolders()));
        AssertRefused("a.zip", "--split: expected a split of", new DatasetOptions { Split = "test" });
        folder.Write("b.tar", Tar(Samples()));
        AssertRefused("b.tar", "--split: expected a split of", new DatasetOptions { Split = "test" });
    }

    [Fact]
    public void Open_SampleOfTwoImages_AsksWhich()
    {
        var members = Pngs.SelectMany((png, i) => new[] { ($"{i}.in.png", png), ($"{i}.out.png", png), ($"{i}.json", Json(i)) });
        folder.Write("a.tar", Tar(members));
        AssertRefused("a.tar", "one image in sample 0, found .in.png and .out.png; name one by --image-column", new());
        var options = new DatasetOptions { ImageColumn = "out.png", LabelColumn = "kind" };
        Assert.All(Dataset.Open(folder.File("a.tar"), options).Images, image => Assert.EndsWith(".out.png", image.Id));
        AssertRefused("a.tar", "--label-column: expected a column of", options with { LabelColumn = "no" });

        static byte[] Json(int i) => Encoding.UTF8.GetBytes($"{{\"kind\": \"{ClassOf(i)}\", \"class\": 1}}");
    }

    [Fact]
    public void Open_NumberedShardsWithoutLabels_AreNoClasses()
    {
        folder.Write("shard-0.tar", Tar([("a.png", Pngs[0])]));
        folder.Write("shard-1.tar", Tar([("b.png", Pngs[1])]));
        AssertRefused("", "expected a class for each image", new());
    }

    [Fact]
    public void Open_LitterInAnArchive_IsNoImage()
    {
        folder.Write("a.zip", Zip([.. ClassFolders(), ("__MACOSX/cat/._0.png", [1]), ("cat/._0.png", [1])]));
        Assert.Equal(Count, Dataset.Open(folder.Path).Images.Count);
    }

    [Fact]
    public void Rewrite_Zip_KeepsOtherMembersHeadersAndOrder()
    {
        var zip = Zip([("README", [1, 2, 3]), .. ClassFolders(), ("z", [4])]);
        var dataset = Dataset.Open(folder.Write("a.zip", zip));
        Assert.Equal(Pngs[6], Rewritten(dataset, 3, Pngs[6]).Images[3].Source.Read());
        using var before = new System.IO.Compression.ZipArchive(new MemoryStream(zip));
        using var after = System.IO.Compression.ZipFile.OpenRead(folder.File("b.zip"));
        foreach (var (old, now) in before.Entries.Zip(after.Entries))
        {
            Assert.Equal(
                (old.FullName, old.LastWriteTime, old.ExternalAttributes),
                (now.FullName, now.LastWriteTime, now.ExternalAttributes)
            );
            if (old.FullName != "dog/3.png")
                Assert.Equal(old.Crc32, now.Crc32);
        }

        var same = zip.AsSpan().IndexOf("dog/3.png"u8) - 30;
        Assert.Equal(zip[..same], File.ReadAllBytes(folder.File("b.zip"))[..same]);
    }

    [Fact]
    public void Rewrite_ZipWithNewExtensions_RenamesItsMembers()
    {
        var dataset = Dataset.Open(folder.Write("a.zip", Zip(ClassFolders())));
        var renamed = Rewritten(dataset, 0, ImageCodec.Encode("a", Images[0], new ImageEncoding(ImageFormat.WebP)), ".webp");
        Assert.Equal("cat/0.webp", renamed.Images[0].Id);
        Assert.Equal(Images[0].Sha256(), renamed.Images[0].Source.Decode().Sha256());
    }

    [Fact]
    public void Open_HostileZip_IsRefused()
    {
        var whole = Zip(ClassFolders(), isStored: true);
        var record = whole.AsSpan().IndexOf("PK\u0001\u0002"u8);
        var end = whole.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        AssertZipRefused(zip => zip[record + 8] |= 1, "no encryption");
        AssertZipRefused(zip => zip[record + 10] = 12, "method 12; zip it again");
        AssertZipRefused(zip => Put(zip, record + 20, int.MaxValue), "files inside the zip archive");
        AssertZipRefused(zip => Put(zip, record + 42, 1), "a header of each file");
        AssertZipRefused(zip => Put(zip, end + 12, int.MaxValue), "a directory inside the archive");
        AssertZipRefused(zip => zip[record + 46] = (byte)'/', "names of members below the archive");
        AssertZipRefused(zip => "PK"u8.CopyTo(zip.AsSpan(end + 1)), "no end of its directory");

        // The second record names the first file again: files that share bytes could be any number.
        var second = record + whole.AsSpan(record + 4).IndexOf("PK\u0001\u0002"u8) + 4;
        AssertZipRefused(zip => Put(zip, second + 42, 0), "files that overlap");

        void AssertZipRefused(Action<byte[]> change, string said)
        {
            byte[] zip = [.. whole];
            change(zip);
            folder.Write("a.zip", zip);
            AssertRefused("a.zip", said, new());
        }

        static void Put(byte[] zip, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(at), value);
    }

    [Fact]
    public void Read_ZipBomb_StopsAtTheLengthThatItClaims()
    {
        var zip = Zip([("cat/0.png", new byte[1 << 24]), ("dog/0.png", Pngs[0])]);
        var record = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(record + 24), 1000);
        var image = Dataset.Open(folder.Write("a.zip", zip)).Images[0];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("1000 bytes of the right checksum", Assert.Throws<IsotopeException>(image.Source.Read).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    public void Dispose() => folder.Dispose();

    private Dataset Rewritten(Dataset dataset, int image, byte[] bytes, string? extension = null)
    {
        var file = dataset.Container!.Files[0];
        var output = folder.File("b" + Path.GetExtension(file));
        using (var stream = File.Create(output))
            dataset.Container.Format.Rewrite(file, [new Replacement(dataset.Images[image].Source, extension, () => bytes)], stream);
        return Dataset.Open(output);
    }

    private void AssertRefused(string file, string said, DatasetOptions options) =>
        Assert.Contains(said, Assert.Throws<IsotopeException>(() => Dataset.Open(folder.File(file), options)).Message);

    private static void FixChecksum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0").CopyTo(header[148..]);
    }
}
