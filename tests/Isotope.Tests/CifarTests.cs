using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Runs;

namespace Isotope.Tests;

/// <summary>
/// The figures of docs/reliability.md, from images that are not in the repository. ISOTOPE_CIFAR names a folder with the folders train and
/// test, each with class folders; ISOTOPE_CIFAR_NETWORK names a marking network of 64 dimensions for them.
/// </summary>
public sealed class CifarTests : IDisposable
{
    private const int MarkedPerClass = 40;
    private static readonly CarrierKey Key = CarrierKey.FromSeed(10, 64, 5);
    private readonly TemporaryFolder folder = new();
    private readonly string? root = Environment.GetEnvironmentVariable("ISOTOPE_CIFAR");

    [Fact]
    public void Thumbnails_OfOtherImages_AreFarAndOfDisguisedOnesNear()
    {
        var manifest = Mark(Train(), ImageEncoding.Png);
        byte[][] originals = [.. manifest.Images.Select(image => Thumbnail.Parse(image.Thumbnail)!)];
        PixelImage[] marked = [.. manifest.Images.Select(image => ImageCodec.Decode(folder.File($"marked/{image.File}")))];
        foreach (var quality in new[] { 95, 75, 50 })
        {
            var encoding = ImageEncoding.Jpeg(quality);
            var disguised = marked.Select(image => Thumbnail.Of(encoding.Encode("image", image).Pixels));
            double[] near = [.. originals.Zip(disguised, (one, other) => Thumbnail.Distance(one, other)).Order()];
            var beyond = near.Count(d => d > VanillaGuard.MostDistance);
            Report($"JPEG {quality}: median {near[near.Length / 2]:F2}, largest {near[^1]:F2}, beyond {beyond} of {near.Length}");
        }

        byte[][] test = [.. Dataset.Open(Path.Combine(root!, "test")).Images.Select(image => Thumbnail.Of(image.Source.Decode()))];
        byte[][] train =
        [
            .. Dataset.Open(Path.Combine(root!, "train")).Limit(500).Images.Select(image => Thumbnail.Of(image.Source.Decode())),
        ];
        double[] nearest = [.. test.Select(one => train.Min(other => Thumbnail.Distance(one, other))).Order()];
        Report(
            $"{test.Length} test images to the nearest of {train.Length} training images: smallest {nearest[0]:F2}, {nearest[1]:F2}; "
                + $"within 4, 5, 6: {nearest.Count(d => d <= 4)}, {nearest.Count(d => d <= 5)}, {nearest.Count(d => d <= 6)}"
        );
        Assert.True(nearest.Count(d => d <= VanillaGuard.MostDistance) < 0.005 * test.Length);
    }

    [Fact]
    public void Sizes_OfUniformFiles_TellWhatTheDocumentSays()
    {
        ImageEncoding webp = new(ImageFormat.WebP);
        ImageEncoding npy = new(ImageFormat.Npy);
        foreach (var encoding in new[] { ImageEncoding.Png, webp, ImageEncoding.Jpeg(95), npy })
        {
            var manifest = Mark(Train(), encoding, uniform: true);
            var files = manifest.Images.Select(image => image.File).ToHashSet();
            var sizes = Dataset
                .Open(folder.File("marked"))
                .Images.ToLookup(image => files.Contains(image.Id), image => new FileInfo(image.Source.Name).Length);
            var auc = Auc([.. sizes[true]], [.. sizes[false]]);
            if (encoding.Format is ImageFormat.Png or ImageFormat.Npy)
                Assert.Equal(0.5, auc);
            Report(
                $"{encoding.Extension}: AUC of the size {auc:F3}, mean {sizes[true].Average():F0} against {sizes[false].Average():F0} bytes"
            );
            Directory.Delete(folder.File("marked"), recursive: true);
            File.Delete(Manifest.PathFor(folder.File("marked")));
        }
    }

    [Fact]
    public void Marks_OverThreadsBatchesShardsAndInterruptions_AreTheSameBytes()
    {
        var vanilla = Train().Limit(8);
        var expected = Run(vanilla, "whole", batch: 64, threads: 1);
        foreach (var (batch, threads) in new[] { (1, 1), (2, 2), (3, 1), (16, 2), (17, 1), (64, 2) })
            Assert.Equal(expected, Run(vanilla, $"b{batch}-{threads}", batch, threads));
        for (var count = 1; count <= 7; count++)
            Assert.Equal(expected, RunShards(vanilla, $"s{count}", count));
        foreach (var batches in new[] { 1, 2, 5 })
            Assert.Equal(expected, RunInterrupted(vanilla, $"i{batches}", batches));
    }

    public void Dispose() => folder.Dispose();

    private static double Auc(long[] marked, long[] unmarked)
    {
        var wins = marked.Sum(one => unmarked.Count(other => one > other) + 0.5 * unmarked.Count(other => one == other));
        return wins / ((double)marked.Length * unmarked.Length);
    }

    private static void Report(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private Dataset Train()
    {
        Assert.SkipWhen(root is null, "ISOTOPE_CIFAR is not set");
        return Dataset.Open(Path.Combine(root!, "train")).Limit(2 * MarkedPerClass);
    }

    private static Network Network() => Isotope.Networks.Network.Load(Environment.GetEnvironmentVariable("ISOTOPE_CIFAR_NETWORK")!);

    private static DatasetMarker Marker(Dataset vanilla, Network network, ImageEncoding encoding, int batch = 64, bool uniform = false) =>
        new(
            vanilla,
            Key,
            network,
            new DatasetMarkingOptions
            {
                Fraction = 0.5,
                BatchSize = batch,
                Encoding = encoding,
                UniformEncoding = uniform,
                Marking = new MarkingOptions { Iterations = 10, Psnr = 41 },
            }
        );

    private Manifest Mark(Dataset vanilla, ImageEncoding encoding, bool uniform = false)
    {
        using var network = Network();
        return Marker(vanilla, network, encoding, uniform: uniform).Run(folder.File("marked"));
    }

    private Dictionary<string, string> Run(Dataset vanilla, string name, int batch, int threads)
    {
        TorchSharp.torch.set_num_threads(threads);
        using var network = Network();
        Marker(vanilla, network, ImageEncoding.Png, batch).Run(folder.File(name));
        return Fixtures.HashesBelow(folder.File(name));
    }

    /// <summary>A run that is stopped after some batches, resumed with another batch size, stopped again, and finished.</summary>
    private Dictionary<string, string> RunInterrupted(Dataset vanilla, string name, int batches)
    {
        foreach (var batch in new[] { 3, 5 })
        {
            using var network = Network();
            using var cancellation = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() =>
                Marker(vanilla, network, ImageEncoding.Png, batch)
                    .Run(folder.File(name), new StopAfter(batches, cancellation), cancellation.Token)
            );
            Assert.NotEmpty(Directory.EnumerateFiles(folder.File(name), "*.png", SearchOption.AllDirectories));
        }

        return Run(vanilla, name, batch: 64, threads: 1);
    }

    private Dictionary<string, string> RunShards(Dataset vanilla, string name, int count)
    {
        using var network = Network();
        for (var index = 1; index <= count; index++)
            Marker(vanilla, network, ImageEncoding.Png).RunShard(new Shard(index, count), folder.File(name));
        new ShardMerger(vanilla, folder.File(name)).Run();
        return Fixtures.HashesBelow(folder.File(name));
    }

    private sealed class StopAfter(int batches, CancellationTokenSource cancellation) : IProgress<StageProgress>
    {
        private int seen;

        public void Report(StageProgress value)
        {
            if (seen++ == batches)
                cancellation.Cancel(); // the first report comes before any batch
        }
    }
}
