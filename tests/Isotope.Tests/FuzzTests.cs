using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Isotope.Detection;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;
using Isotope.Marking;
using Isotope.Networks.Checkpoints;
using Isotope.Reports;
using Isotope.Tests.Datasets.Formats;
using Isotope.Tests.Networks.Checkpoints;
using Isotope.Tests.Networks.Foreign;
using Isotope.Tests.Reports;
using Isotope.Training;
using SkiaSharp;

namespace Isotope.Tests;

/// <summary>
/// Mutates valid files of every format that untrusted files may have: two seconds per file, half a minute in all. ISOTOPE_FUZZ_SECONDS sets
/// another number of seconds per file.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("dtypes.pth")]
    [InlineData("nested.pth")]
    [InlineData("views.legacy.pth")]
    [InlineData("nested.legacy.pth")]
    [InlineData("protocol4.legacy.pth")]
    public void Load_MutatedCheckpointOfPyTorch_IsReadOrRefused(string file) =>
        folder.AssertReadOrRefused(File.ReadAllBytes(GoldenFiles.PathOf(file)), path => Checkpoint.Load(path).Dispose());

    [Fact]
    public void Load_MutatedSafetensors_IsReadOrRefused()
    {
        using (var weights = Checkpoint.Load(GoldenFiles.PathOf("dtypes.pth")))
            Safetensors.Save(folder.File("a"), weights, new Dictionary<string, string> { ["made"] = "here" });
        folder.AssertReadOrRefused(File.ReadAllBytes(folder.File("a")), path => Checkpoint.Load(path).Dispose());
    }

    [Theory]
    [InlineData("gemm.onnx")]
    [InlineData("matmul.onnx")]
    [InlineData("traced.pt")]
    [InlineData("scripted.pt")]
    public void Load_MutatedModel_IsReadOrRefused(string file) =>
        folder.AssertReadOrRefused(File.ReadAllBytes(ForeignFiles.PathOf(file)), path => ForeignFiles.Load(path).Dispose());

    [Fact]
    public void Load_MutatedModelWithExternalData_IsReadOrRefused()
    {
        var path = ForeignFiles.WriteExternal(folder, "weights.bin");
        folder.AssertReadOrRefused(File.ReadAllBytes(path), path => ForeignFiles.Load(path).Dispose());
    }

    [Fact]
    public void Decode_MutatedNpy_IsReadOrRefused() =>
        folder.AssertReadOrRefused(
            ImageCodec.Encode("x", Fixtures.Image(5, 4, 3, 1), new ImageEncoding(ImageFormat.Npy)),
            path => ImageCodec.Decode(path, File.ReadAllBytes(path))
        );

    /// <summary>Damaged chunks get correct checksums; otherwise nearly all would be refused for their checksums.</summary>
    [Fact]
    public void Decode_MutatedPng_IsReadOrRefused() =>
        folder.AssertReadOrRefused(
            ImageCodec.EncodePng(Fixtures.Image(37, 23, 3, 1)),
            path => ImageCodec.Decode(path),
            most: 1 << 28,
            seal: Png.Seal
        );

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg, 90)]
    [InlineData(SKEncodedImageFormat.Webp, 80)]
    [InlineData(SKEncodedImageFormat.Webp, 100)]
    public void Decode_MutatedImage_IsReadOrRefused(SKEncodedImageFormat format, int quality)
    {
        using var image = SKBitmap.Decode(ImageCodec.EncodePng(Fixtures.Image(37, 23, 3, 1)));
        folder.AssertReadOrRefused(image.Encode(format, quality).ToArray(), path => ImageCodec.Decode(path), most: 1 << 28);
    }

    [Fact]
    public void Decode_MutatedBitmap_IsReadOrRefused()
    {
        byte[] header =
        [
            .. "BM"u8,
            .. new byte[] { 78, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0 },
            .. new byte[20],
        ];
        byte[] bitmap = [.. header, .. Enumerable.Range(0, 24).Select(i => (byte)(10 * i))];
        Assert.Equal((3, 2), (ImageCodec.Decode("x", bitmap).Width, ImageCodec.Decode("x", bitmap).Height));
        folder.AssertReadOrRefused(bitmap, path => ImageCodec.Decode(path), most: 1 << 28);
    }

    [Theory]
    [InlineData("train-images-idx3-ubyte.gz")]
    [InlineData("data_batch_1")]
    [InlineData("train")]
    [InlineData("data_batch_1.bin")]
    [InlineData("train-000000.tar")]
    [InlineData("train-000001.tar")]
    [InlineData("hf.parquet")]
    public void Open_MutatedDataset_IsReadOrRefused(string file)
    {
        var golden = GoldenDatasets.PathOf(
            file switch
            {
                "data_batch_1" => $"python/{file}",
                "train" => $"python3/{file}",
                "data_batch_1.bin" => $"binary/{file}",
                _ => file,
            }
        );
        FuzzDataset(File.ReadAllBytes(golden), file);
    }

    /// <summary>Without gzip, whose checksum would have nearly all mutations refused.</summary>
    [Fact]
    public void Open_MutatedUnpackedDataset_IsReadOrRefused()
    {
        var packed = new StoredBytes(GoldenDatasets.PathOf("train-images-idx3-ubyte.gz"));
        FuzzDataset(packed.Read(0, (int)packed.Length), "train-images-idx3-ubyte");
    }

    [Theory]
    [InlineData("a.zip")]
    [InlineData("stored.zip")]
    [InlineData("p.npz")]
    [InlineData("nested.tar")]
    [InlineData("2")]
    [InlineData("5")]
    public void Open_MutatedContainer_IsReadOrRefused(string file) =>
        FuzzDataset(
            file switch
            {
                "a.zip" => LayoutFiles.Zip(LayoutFiles.ClassFolders()),
                "stored.zip" => LayoutFiles.Zip(LayoutFiles.ClassFolders(), isStored: true),
                "p.npz" => LayoutFiles.Zip(
                    [
                        ("images.npy", LayoutFiles.Npy("|u1", "8, 32, 32, 3", LayoutFiles.Interleaved())),
                        ("labels.npy", LayoutFiles.Npy("|u1", "8", LayoutFiles.Labels())),
                    ],
                    isStored: true
                ),
                "nested.tar" => LayoutFiles.Tar([
                    ("cat.tar", LayoutFiles.Tar([("a.png", [1])])),
                    ("dog.tar", LayoutFiles.Tar([("b.png", [1])])),
                ]),
                _ => LayoutFiles.CifarPickle(file[0] - '0'),
            },
            file
        );

    [Theory]
    [InlineData("l.tsv", "id\tclass\tsplit\na.png\tcat\ttrain\n\nb.png\tdog\ttest\n")]
    [InlineData("l.json", "[{\"path\": \"a.png\", \"label\": true},\n {\"path\": \"b.png\", \"label\": false}]")]
    [InlineData("l.csv", "path,label\na.png,cat\n\"b, c.png\",dog\n")]
    [InlineData("l.jsonl", "{\"path\": \"a.png\", \"label\": \"cat\"}\n{\"path\": \"b.png\", \"label\": 3}\n")]
    public void Open_MutatedList_IsReadOrRefused(string file, string text) =>
        folder.AssertReadOrRefused(System.Text.Encoding.UTF8.GetBytes(text), path => Dataset.Open(path), file);

    [Theory]
    [InlineData("per_sample.pth")]
    [InlineData("per_sample.legacy.pth")]
    public void Load_MutatedListOfPyTorch_IsReadOrRefused(string file) =>
        folder.AssertReadOrRefused(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Datasets", "Golden", file)),
            path => PerSampleFile.Load(path)
        );

    [Fact]
    public void Load_MutatedListInJson_IsReadOrRefused()
    {
        new PerSampleList(new Dictionary<int, string> { [2] = "b.png", [10] = "marked/a.npy" }).Save(folder.File("list.json"));
        folder.AssertReadOrRefused(File.ReadAllBytes(folder.File("list.json")), path => PerSampleFile.Load(path));
    }

    [Fact]
    public void Import_MutatedCarriers_AreReadOrRefused()
    {
        using (var carriers = CarrierKey.FromSeed(3, 4, 1).ToTensor())
            TorchFile.SavePrivateTensor(folder.File("carriers.pth"), carriers);
        folder.AssertReadOrRefused(
            File.ReadAllBytes(folder.File("carriers.pth")),
            path =>
            {
                using var carriers = TorchFile.LoadTensor(path);
                CarrierKey.Import(carriers, path);
            }
        );
    }

    [Fact]
    public void Load_MutatedKey_IsReadOrRefused()
    {
        KeyFile.Save(CarrierKey.FromSeed(3, 4, 1), folder.File("key"));
        folder.AssertReadOrRefused(File.ReadAllBytes(folder.File("key")), path => KeyFile.LoadForTest(path));
    }

    [Fact]
    public void Load_MutatedKeyWithAPassphrase_IsReadOrRefused()
    {
        KeyFile.Save(CarrierKey.FromSeed(3, 4, 1), folder.File("key"), "passphrase");
        var damaged = File.ReadAllText(folder.File("key"));

        // With another format a file that is otherwise whole is refused before PBKDF2 takes its time.
        damaged = damaged.Replace(LockedKey.CurrentFormat, LockedKey.CurrentFormat[..^1] + "2", StringComparison.Ordinal);
        folder.AssertReadOrRefused(System.Text.Encoding.UTF8.GetBytes(damaged), path => KeyFile.Load(path, () => "passphrase"));
    }

    [Fact]
    public void Load_MutatedManifest_IsReadOrRefused()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        using var network = Fixtures.RandomNetwork();
        var options = new DatasetMarkingOptions
        {
            Fraction = 0.3,
            Marking = new MarkingOptions { Iterations = 2 },
        };
        new DatasetMarker(vanilla, CarrierKey.FromSeed(3, 64, 1), network, options).Run(folder.File("marked"));
        var first = Dataset.Open(folder.File("vanilla")).Limit(1);
        folder.AssertReadOrRefused(
            File.ReadAllBytes(Manifest.PathFor(folder.File("marked"))),
            path =>
            {
                var manifest = Manifest.Load(path);
                DatasetMarkingOptions.Of(manifest);
                VanillaGuard.Keep(first, manifest);
            }
        );
    }

    [Fact]
    public void Load_MutatedQueryIndex_IsReadOrRefused()
    {
        QueryImage[] images =
        [
            .. Enumerable
                .Range(0, 6)
                .Select(i => new QueryImage($"c{i / 3}/{i}.png", $"{i / 3}", $"c{i / 3}", i % 3 == 2 ? null : i % 3, new string('a', 64))),
        ];
        var key = CarrierKey.FromSeed(2, 4, 1);
        new QuerySet(new JsonObject { [Manifest.KeyCommitment] = key.Commitment }, MarkUnit.Class, 2, ["c0", "c1"], images).Save(
            folder.File("q")
        );
        folder.AssertReadOrRefused(
            File.ReadAllBytes(QuerySet.IndexFor(folder.File("q"))),
            path => _ = new BlackBoxTest(QuerySet.Load(folder.File("mutated")), folder.Path, key, new BlackBoxOptions()),
            "mutated.json"
        );
    }

    [Fact]
    public void Contains_MutatedLedger_IsReadOrRefused()
    {
        var statements = "ab"
            .Select(name => Ledger.Record(folder.File("ledger"), "key", new LedgerTest("images", $"{name}", "suspect", -1.5)))
            .ToArray();
        folder.AssertReadOrRefused(File.ReadAllBytes(folder.File("ledger")), path => Ledger.Contains(path, "key", statements[1]));
    }

    [Fact]
    public void Load_MutatedCommitment_IsReadOrRefused()
    {
        using var signer = System.Security.Cryptography.ECDsa.Create();
        File.WriteAllText(folder.File("private.pem"), signer.ExportPkcs8PrivateKeyPem());
        PublishedCommitment
            .Of(CarrierKey.FromSeed(3, 4, 1), [1], [new TestInput(TestInput.MarkingNetwork, "n", "aa")])
            .SignedWith(folder.File("private.pem"))
            .Save(folder.File("c.json"));
        folder.AssertReadOrRefused(File.ReadAllBytes(folder.File("c.json")), path => _ = PublishedCommitment.Load(path).PublicKeySha256);
    }

    [Fact]
    public void Resume_MutatedJournal_IsReadOrRefused()
    {
        var settings = new JsonObject { ["fraction"] = 0.1 };
        using (var journal = MarkingJournal.Open(folder.File("journal"), settings))
            journal.Append([
                .. "abc".Select(name => new MarkedImage(
                    $"{name}.png",
                    $"{name}.png",
                    "class",
                    41.5,
                    10,
                    0.3,
                    new string('a', 64),
                    new string('b', 64),
                    new string('c', 64)
                )),
            ]);
        folder.AssertReadOrRefused(
            File.ReadAllBytes(folder.File("journal")),
            path =>
            {
                using var journal = MarkingJournal.Open(path, settings);
            }
        );
    }

    [Fact]
    public void Resume_MutatedTraining_IsReadOrRefused()
    {
        using var network = Fixtures.RandomNetwork();
        using var optimizer = new Sgd(network.Module.parameters(), new TrainingOptions());
        var settings = new JsonObject { ["epochs"] = 2 };
        new TrainingState(folder.File("mutated"), settings).Save(network, optimizer, [2.5, 1.5]);
        var saved = File.ReadAllBytes(folder.File("mutated.resume"));
        new TrainingState(folder.File("mutated"), settings).Restore(network, optimizer);
        folder.AssertReadOrRefused(
            saved,
            _ => new TrainingState(folder.File("mutated"), settings).Restore(network, optimizer),
            name: "mutated.resume",
            keep: 200
        );
    }

    [Theory]
    [InlineData("test")]
    [InlineData("manifest")]
    [InlineData("training")]
    [InlineData("study")]
    public void Report_OfAMutatedResult_IsMadeOrRefused(string kind)
    {
        var file = kind switch
        {
            "test" => SampleResults.WriteTest(folder),
            "manifest" => SampleResults.WriteMarking(folder).Manifest,
            "training" => SampleResults.WriteTraining(folder),
            _ => SampleResults.WriteStudy(folder),
        };
        folder.AssertReadOrRefused(File.ReadAllBytes(file), path => ReportFile.Of([path]).ToHtml(), most: 1 << 26);
    }

    private void FuzzDataset(byte[] whole, string file)
    {
        File.Copy(GoldenDatasets.PathOf("train-labels-idx1-ubyte.gz"), folder.File("train-labels-idx1-ubyte.gz"));
        folder.AssertReadOrRefused(
            whole,
            path =>
            {
                foreach (var image in Dataset.Open(path).Images)
                    image.Source.Read();
            },
            file
        );
    }

    public void Dispose() => folder.Dispose();
}
