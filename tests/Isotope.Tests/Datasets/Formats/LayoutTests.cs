using System.Text.RegularExpressions;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;
using static Isotope.Tests.Datasets.Formats.LayoutFiles;

namespace Isotope.Tests.Datasets.Formats;

/// <summary>Every row of the tables of layouts in docs/formats.md: read and written again, or refused with what to do.</summary>
public sealed partial class LayoutTests : IDisposable
{
    private const string Lists = "list: CSV, TSV, JSON lines, JSON array";
    private readonly TemporaryFolder folder = new();

    /// <summary>Rows that are read: how a small one is made below a folder, what is given of it, and the first id.</summary>
    private static readonly (string Row, Action<string> Make, string Given, string FirstId)[] Read =
    [
        ("folder of class folders", root => WriteAll(root, ClassFolders()), "", "cat/0.png"),
        (
            "image folder with `metadata.csv` or `.jsonl`",
            root => WriteList(root, "metadata.csv", "file_name,text,label", "{0}.png,\"a, b\",{1}"),
            "",
            "0.png"
        ),
        (Lists, root => WriteList(root, "L.CSV", "\ufeffsplit,path,Label\r", "train,sub/{0}.png,{1}\r"), "L.CSV", "sub/0.png"),
        (Lists, root => WriteList(root, "l.tsv", "path\tclass", "sub/{0}.png\t{1}\n"), "l.tsv", "sub/0.png"),
        (
            Lists,
            root => WriteList(root, "l.jsonl", null, "{{\"image\": \"sub/{0}.png\", \"label\": \"{1}\", \"x\": 1.50}}\n"),
            "l.jsonl",
            "sub/0.png"
        ),
        (Lists, root => WriteArray(root), "l.json", "sub/0.png"),
        (
            "list without extensions (Kaggle's `id,label`)",
            root => WriteList(root, "train.csv", "id,label", "{0},{1}", "train/"),
            "train.csv",
            "train/0.png"
        ),
        (
            "Parquet, images as struct of `bytes`, `path`",
            root => Parquet(root, isStruct: true, "animal", asText: false, Features),
            "",
            "0.png"
        ),
        ("Parquet, images as struct of `bytes`, `path`", root => Parquet(root, isStruct: true, "label", asText: true, null), "", "0.png"),
        ("Parquet, images as plain bytes", root => Parquet(root, isStruct: false, "target", asText: true, null), "", "0000/00000"),
        ("WebDataset's tar shards", root => Write(root + "/0.tar", Tar(Samples())), "", "v1.0_0.png"),
        ("WebDataset's tar shards", root => Write(root + "/0.tar", Tar(Samples(".input.png", ".label.txt"))), "0.tar", "v1.0_0.input.png"),
        (
            "tar of class folders",
            root => Write(root + "/a.tar", Tar([.. ClassFolders("d/train/"), .. ClassFolders("d/val/")])),
            "",
            "d/train/cat/0.png"
        ),
        ("tar of tars (ImageNet)", root => Write(root + "/i.tar", Tar(ClassTars())), "i.tar", "cat/cat_0.png"),
        ("a tar for each class (ImageNet)", root => WriteAll(root, ClassTars()), "", "cat_0.png"),
        ("`.tar.gz`, `.tgz`", root => Write(root + "/a.tar.gz", Gzip(Tar(ClassFolders()))), "", "cat/0.png"),
        ("zip of class folders", root => Write(root + "/a.zip", Zip([.. ClassFolders(), ("README", [1, 2])])), "", "cat/0.png"),
        ("zip of class folders", root => Write(root + "/a.zip", Zip(ClassFolders("top/"), isStored: true)), "a.zip", "top/cat/0.png"),
        ("IDX, gzip or not (MNIST and its family)", WriteMnist, "", "train/00000"),
        (
            "CIFAR-10 and -100, Python",
            root => WriteAll(root, [("c/data_batch_1", CifarPickle(2)), ("c/test_batch", CifarPickle(5))]),
            "",
            "data_batch_1/00000"
        ),
        ("CIFAR-10 and -100, Python", root => Write(root + "/train", CifarPickle(5)), "train", "train/00000"),
        ("CIFAR-10 and -100, binary", root => Write(root + "/data_batch_1.bin", CifarBinary()), "", "data_batch_1/00000"),
        ("STL-10, binary", WriteStl, "", "train/00000"),
        ("NPZ (MedMNIST, Keras)", root => Write(root + "/p.npz", Zip(Npz("train_images", "train_labels"))), "", "train/00000"),
        ("NPZ (MedMNIST, Keras)", root => Write(root + "/p.npz", Zip(Npz("x_train", "y_train"), isStored: true)), "p.npz", "train/00000"),
        ("Food-101", WriteFood, "", "food-101/images/cat/0.jpg"),
    ];

    /// <summary>Rows that are refused: a file, its content, and what the message says.</summary>
    private static readonly (string Row, string File, byte[] Bytes, string Said)[] Refused =
    [
        ("HDF5, LMDB, TFRecord, RecordIO, FFCV, `.pt`", "a.h5", [0x89, .. "HDF\r\n"u8, 0x1a, 10], "HDF5; export it"),
        ("HDF5, LMDB, TFRecord, RecordIO, FFCV, `.pt`", "data.mdb", [.. new byte[16], 0xde, 0xc0, 0xef, 0xbe], "LMDB; export it"),
        ("HDF5, LMDB, TFRecord, RecordIO, FFCV, `.pt`", "train-00000", TfRecord(), "TFRecord; export it"),
        ("HDF5, LMDB, TFRecord, RecordIO, FFCV, `.pt`", "a.rec", [0x0a, 0x23, 0xd7, 0xce], "RecordIO"),
        ("HDF5, LMDB, TFRecord, RecordIO, FFCV, `.pt`", "a.beton", [1], "FFCV"),
        ("HDF5, LMDB, TFRecord, RecordIO, FFCV, `.pt`", "training.pt", [.. "PK"u8], "PyTorch"),
        ("MATLAB (SVHN, Flowers-102)", "train_32x32.mat", [.. "MATLAB 5.0 MAT-file"u8], "MATLAB; export it"),
        ("Arrow (`save_to_disk`)", "data-00000.arrow", [0xff, 0xff, 0xff, 0xff], "to_parquet"),
        ("7z, RAR, xz, bzip2, Zstandard", "a.tar.xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz; unpack it first"),
        ("7z, RAR, xz, bzip2, Zstandard", "a.7z", [0x37, 0x7a, 0xbc, 0xaf], "7z; unpack it first"),
        ("7z, RAR, xz, bzip2, Zstandard", "a.tar.zst", [0x28, 0xb5, 0x2f, 0xfd], "Zstandard; unpack it first"),
        ("a pointer of Git LFS", "train.parquet", [.. "version https://git-lfs.github.com/spec/v1"u8], "git lfs pull"),
        (
            "ImageNet's list of validation labels",
            "ILSVRC2012_validation_ground_truth.txt",
            [.. "490\n361\n"u8],
            "torchvision.datasets.ImageNet"
        ),
        (
            "captions without labels (img2dataset)",
            "00000.tar",
            Tar([("0.jpg", [1]), ("0.txt", [2]), ("0.json", [.. "{\"caption\":\"a\"}"u8])]),
            "add labels"
        ),
        ("captions without labels (img2dataset)", "a.jsonl", [.. "{\"file_name\":\"a.png\",\"text\":\"a\"}"u8], "an image without a class"),
        ("annotations of objects (COCO)", "a.json", [.. "{\"annotations\":[]}"u8], "write a CSV of path and label"),
        ("several datasets in one folder", "x/data_batch_1.bin", new byte[3073], "found x and y; name one"),
    ];

    private const string Features = """
        {"picture":{"_type":"Image"},"animal":{"_type":"ClassLabel","names":["cat","dog"]},"caption":{"dtype":"string","_type":"Value"}}
        """;

    public static TheoryData<int> ReadRows => [.. Enumerable.Range(0, Read.Length)];

    public static TheoryData<int> RefusedRows => [.. Enumerable.Range(0, Refused.Length)];

    [Fact]
    public void Tables_OfTheDocuments_HaveTheseRows()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root(), "docs", "formats.md"));
        Assert.Equal(Read.Select(row => row.Row).Distinct(), Rows("container or layout"));
        Assert.Equal(Refused.Select(row => row.Row).Distinct(), Rows("kind | what to do"));

        IEnumerable<string> Rows(string head) =>
            page[page.IndexOf($"| {head}", StringComparison.Ordinal)..]
                .Split('\n')
                .Skip(2)
                .TakeWhile(line => line.StartsWith('|'))
                .Select(line => FirstCell().Match(line).Groups[1].Value);
    }

    [Theory]
    [MemberData(nameof(ReadRows))]
    public void Layout_OfTheTable_IsReadAndWrittenInKind(int row)
    {
        var (_, make, given, first) = Read[row];
        make(folder.File("v"));
        File.WriteAllText(folder.File("v/NOTES"), "kept");
        var vanilla = Dataset.Open(Path.Combine(folder.File("v"), given));
        Assert.Equal((Count, 2, first), (vanilla.Images.Count, vanilla.ClassNames.Count, vanilla.Images[0].Id));
        Assert.Equal(Count / 2, vanilla.Images.Count(image => image.Label == 0));

        using var network = Fixtures.RandomNetwork(2);
        var options = new DatasetMarkingOptions
        {
            Fraction = 0.5,
            Marking = new MarkingOptions { Iterations = 1 },
        };
        var manifest = new DatasetMarker(vanilla, CarrierKey.FromSeed(2, 64, 3), network, options).Run(folder.File("m"));
        var marked = Dataset.Open(Path.Combine(folder.File("m"), given));
        Assert.Equal(vanilla.Images.Select(image => (image.Id, image.Label)), marked.Images.Select(image => (image.Id, image.Label)));
        var hashes = manifest.Images.ToDictionary(image => image.Id, image => image.PixelsSha256);
        Assert.InRange(hashes.Count, 1, Count - 1);
        foreach (var (before, after) in vanilla.Images.Zip(marked.Images))
            if (hashes.TryGetValue(before.Id, out var hash))
                Assert.Equal(hash, after.Source.Decode().Sha256());
            else
                Assert.Equal(before.Source.Read(), after.Source.Read());
        if (given.Length == 0 && row > 0)
            Assert.Equal("kept", File.ReadAllText(folder.File("m/NOTES")));
        Assert.DoesNotContain(vanilla.LeftOut, line => !line.Contains("images of other splits", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(RefusedRows))]
    public void Layout_ThatHasToBeConverted_SaysHow(int row)
    {
        var (_, file, bytes, said) = Refused[row];
        Write(folder.File(file), bytes);
        if (file.StartsWith("x/", StringComparison.Ordinal))
            Write(folder.File($"y/{file[2..]}"), bytes);
        var path = file.Contains('/') ? folder.Path : folder.File(file);
        var message = Assert.Throws<IsotopeException>(() => Dataset.Open(path)).Message;
        Assert.Contains(said, message);
        Assert.DoesNotContain('\n', message);
    }

    [GeneratedRegex(@"^\| (.*?) \|")]
    private static partial Regex FirstCell();

    private static IEnumerable<(string, byte[])> ClassTars() =>
        Classes.Select(
            (name, label) => ($"{name}.tar", Tar(Pngs.Where((_, i) => i % 2 == label).Select((png, i) => ($"{name}_{i}.png", png))))
        );

    private static byte[] CifarBinary() =>
        [.. Enumerable.Range(0, Count).SelectMany(i => Planar()[(3072 * i)..(3072 * (i + 1))].Prepend((byte)(i % 2)))];

    private static IEnumerable<(string, byte[])> Npz(string images, string labels) =>
        [
            ($"{images}.npy", Npy("|u1", $"{Count}, 32, 32, 3", Interleaved())),
            ($"{labels}.npy", Npy("<i8", $"{Count}, 1", [.. Labels().SelectMany(label => BitConverter.GetBytes((long)label))])),
            ("test_images.npy", Npy("|u1", "1, 2, 2", [1, 2, 3, 4])),
        ];

    private static byte[] TfRecord() => [10, 0, 0, 0, 0, 0, 0, 0, 0xae, 0xa3, 0xbf, 0x3a, .. new byte[14]];

    private static void WriteList(string root, string name, string? head, string line, string prefix = "sub/")
    {
        var isFlat = name.StartsWith("metadata", StringComparison.Ordinal);
        for (var i = 0; i < Count; i++)
            Write(Path.Combine(root, $"{(isFlat ? "" : prefix)}{i}.png"), Pngs[i]);
        var lines = Enumerable.Range(0, Count).Select(i => string.Format(null, line, i, ClassOf(i)) + '\n');
        File.WriteAllText(Path.Combine(root, name), (head is null ? "" : head + '\n') + string.Concat(lines) + '\n');
    }

    private static void WriteArray(string root)
    {
        WriteList(root, "l.json", null, "");
        var rows = Enumerable.Range(0, Count).Select(i => $$"""  {"path": "sub/{{i}}.png", "label": {{i % 2}}}""");
        File.WriteAllText(Path.Combine(root, "l.json"), $"[\n{string.Join(",\n", rows)}\n]");
    }

    private static void WriteMnist(string root)
    {
        Write(root + "/MNIST/raw/train-images-idx3-ubyte", Idx(isLabels: false));
        Write(root + "/MNIST/raw/train-labels-idx1-ubyte.gz", Gzip(Idx(isLabels: true)));
    }

    private static void WriteStl(string root)
    {
        var columns = Images.SelectMany(image => Enumerable.Range(0, 3 * 9216).Select(i => image.Pixels[i % 3072]));
        Write(root + "/stl10_binary/train_X.bin", [.. columns]);
        Write(root + "/stl10_binary/train_y.bin", Labels(first: 1));
        File.WriteAllLines(root + "/stl10_binary/class_names.txt", Classes);
    }

    private static void WriteFood(string root)
    {
        WriteAll(root + "/food-101/images", ClassFolders().Select(file => (Path.ChangeExtension(file.Name, ".jpg"), file.Bytes)));
        Directory.CreateDirectory(root + "/food-101/meta");
        File.WriteAllLines(root + "/food-101/meta/train.txt", Enumerable.Range(0, Count).Select(i => $"{ClassOf(i)}/{i}"));
    }

    private static void Parquet(string root, bool isStruct, string label, bool asText, string? features) =>
        WriteParquet(root + "/data/0000.parquet", isStruct, label, asText, features).GetAwaiter().GetResult();

    public void Dispose() => folder.Dispose();
}
