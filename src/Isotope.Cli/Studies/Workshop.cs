using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Cli.Commands.Models;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Training;
using static TorchSharp.torch;

namespace Isotope.Cli.Studies;

/// <summary>
/// Makes the marks and models of studies, each once: a file is named by the hash of all that it follows from, so cells and studies share
/// what they have in common, and an interrupted study goes on.
/// </summary>
internal sealed class Workshop(string data, string folder, Device device, CellProgress progress, CancellationToken cancellation)
{
    private readonly Dictionary<string, Dataset> datasets = [];
    private readonly Dictionary<(string Root, string Listing), string> contents = [];

    public Device Device => device;

    public CellProgress Progress => progress;

    public CancellationToken Cancellation => cancellation;

    /// <summary>The first images of each class of a dataset below the data folder.</summary>
    public Dataset Open(string path, int? perClass, int skip = 0)
    {
        var name = $"{path} {perClass} {skip}";
        if (datasets.TryGetValue(name, out var known))
            return known;
        var all = Dataset.Open(Below(path));
        return datasets[name] = perClass is { } count ? all.Limit(count, skip) : all;
    }

    /// <summary>Hash of a dataset's contents, taken once.</summary>
    public string HashOf(Dataset dataset)
    {
        var listed = (dataset.Root, dataset.ListingSha256());
        return contents.TryGetValue(listed, out var known) ? known : contents[listed] = dataset.ContentsSha256(cancellation);
    }

    /// <summary>A network reference with its file below the data folder.</summary>
    public string Locate(string reference)
    {
        var parts = NetworkReference.Parse(reference);
        return parts.At(Below(parts.Path)).ToString();
    }

    /// <summary>A recipe may be untrusted, and may only read the data folder.</summary>
    private string Below(string path)
    {
        var full = Path.GetFullPath(Path.Combine(data, path));
        return FolderPath.Contains(data, full)
            ? full
            : throw new IsotopeException($"{path}: expected a path below {data}, found one that leads elsewhere");
    }

    /// <summary>A file that is made where it is not there yet.</summary>
    /// <param name="kind">What it is: the beginning of its name.</param>
    /// <param name="origin">All that it follows from.</param>
    /// <param name="extension">Of its name.</param>
    /// <param name="make">Makes it at a path.</param>
    /// <exception cref="BusyException">Another process is making it.</exception>
    public string Make(string kind, JsonObject origin, string extension, Action<string> make)
    {
        var path = Path.Combine(folder, $"{kind}-{HashOf(origin)[..16]}{extension}");
        MakeOnce(path, path, () => make(path));
        return path;
    }

    /// <summary>Makes a file or folder that is not there yet.</summary>
    /// <param name="path">The file or folder; what makes it may hold a lock of this name.</param>
    /// <param name="last">What is written last: with it the whole is there.</param>
    /// <param name="make">Makes it.</param>
    /// <exception cref="BusyException">Another process is making it.</exception>
    private static void MakeOnce(string path, string last, Action make)
    {
        if (File.Exists(last))
            return;
        using var claim = OutputLock.TryTake($"{path}.claim") ?? throw new BusyException(path);
        if (!File.Exists(last))
            make();
    }

    /// <summary>The key of a repetition.</summary>
    public static CarrierKey KeyOf(CellSettings cell, Dataset train, Network marking) =>
        CarrierKey.FromSeed(train.ClassNames.Count, marking.FeatureDimension, 10_000 + cell.Seed);

    /// <summary>The images that a cell's owner publishes marked, and what was marked of them.</summary>
    public Published Mark(CellSettings cell, Dataset train, Network marking)
    {
        var key = KeyOf(cell, train, marking);
        var options = new DatasetMarkingOptions
        {
            Fraction = cell.MarkedFraction ?? cell.Q,
            OnlyMarked = true,
            Encoding = ImageEncoding.Png, // without loss, as in the paper
            Marking = cell.Marking,
        };
        var origin = new JsonObject
        {
            ["train"] = HashOf(train),
            ["network"] = marking.Sha256,
            ["key"] = key.Commitment,
            ["fraction"] = options.Fraction,
            ["marking"] = JsonSerializer.SerializeToNode(cell.Marking, StudyJson.Default.MarkingOptions),
        };
        var output = Path.Combine(folder, $"marks-{HashOf(origin)[..16]}");
        MakeOnce(
            output,
            Manifest.PathFor(output),
            () => new DatasetMarker(train, key, marking, options).Run(output, progress, cancellation)
        );
        return Published.Of(train, key, output, cell.Q);
    }

    /// <summary>The images that a cell's owner asks a black box about: their folder.</summary>
    public string MakeQueries(CellSettings cell, Dataset train, Published published, Network marking)
    {
        var origin = new JsonObject
        {
            ["marks"] = Path.GetFileName(published.Folder),
            ["fraction"] = cell.Owner.QueryFraction,
            ["versions"] = cell.Owner.Versions,
            ["perClass"] = cell.Owner.QueriesPerClass,
        };
        var output = Path.Combine(folder, $"queries-{HashOf(origin)[..16]}");
        MakeOnce(
            output,
            QuerySet.IndexFor(output),
            () =>
            {
                var asked = Published.Of(train, published.Key, published.Folder!, cell.Owner.QueryFraction).Manifest!;
                var options = new CounterfactualOptions
                {
                    Versions = cell.Owner.Versions,
                    ImagesPerClass = cell.Owner.QueriesPerClass,
                    Output = output,
                };
                new CounterfactualMarker(train, published.Folder!, asked, published.Key, marking, options).Run(progress, cancellation);
            }
        );
        return output;
    }

    /// <summary>A model trained on images, with its accuracy.</summary>
    /// <param name="images">What it is trained on.</param>
    /// <param name="from">What tells these images from others: data and marks.</param>
    /// <param name="thief">How.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="init">Network whose features stay, where no architecture is given.</param>
    /// <param name="test">Images of the accuracy.</param>
    public Trained Train(Dataset images, JsonObject from, SuspectSettings thief, long seed, string init, Dataset test)
    {
        if (thief.JpegQuality is { } quality)
            images = Attacks.DatasetAttack.Recompress(images, quality);
        if (thief.Noise > 0)
            images = Attacks.DatasetAttack.AddNoise(images, thief.Noise, seed);
        var options = thief.Training with { Seed = seed };
        return Fit(
            from,
            JsonSerializer.SerializeToNode(thief, StudyJson.Default.SuspectSettings)!.AsObject(),
            options,
            init,
            thief.Architecture is null,
            new TrainingJob(
                images,
                test,
                thief.Architecture,
                thief.Architecture is null ? init : null,
                thief.Architecture is null,
                thief.InputSize,
                options
            )
        );
    }

    /// <summary>A model that goes on being trained on other images.</summary>
    public Trained FineTune(Trained model, Dataset images, TrainingOptions options, Dataset test) =>
        Fit(
            new JsonObject { ["model"] = Hashes.OfFile(model.Path), ["images"] = HashOf(images) },
            new JsonObject(),
            options,
            model.Path,
            false,
            new TrainingJob(images, test, null, model.Path, false, null, options)
        );

    /// <summary>A model whose weights are changed without training.</summary>
    public Trained Change(Trained model, CellSettings cell, Action<TorchNetwork> change, Dataset test)
    {
        var origin = new JsonObject
        {
            ["model"] = Hashes.OfFile(model.Path),
            ["seed"] = cell.Seed,
            ["attack"] = JsonSerializer.SerializeToNode(cell.Attack, StudyJson.Default.AttackSettings),
        };
        var path = Make(
            "attacked",
            origin,
            ".safetensors",
            path =>
            {
                using var network = (TorchNetwork)Network.Load(model.Path, device);
                change(network);
                network.Save(path);
            }
        );
        using var changed = Network.Load(path, device);
        return new Trained(path, Evaluation.Accuracy(changed, test, progress, cancellation));
    }

    /// <summary>A student of a model's answers on images.</summary>
    public Trained Distil(Trained teacher, Dataset images, StudentSettings student, long seed, string init, Dataset test)
    {
        var options = student.Training with { Seed = seed };
        var from = new JsonObject { ["teacher"] = Hashes.OfFile(teacher.Path), ["images"] = HashOf(images) };
        using var model = new LocalBlackBox(Network.Load(teacher.Path, device), new Access(OutputKind.Probabilities));
        var lesson = Lesson.Take(model, images, progress, cancellation);
        var job = new TrainingJob(
            images,
            test,
            student.Architecture,
            student.Architecture is null ? init : null,
            student.Architecture is null,
            null,
            options
        )
        {
            Targets = lesson.Targets(student.Labels, student.Temperature),
        };
        return Fit(
            from,
            JsonSerializer.SerializeToNode(student, StudyJson.Default.StudentSettings)!.AsObject(),
            options,
            init,
            student.Architecture is null,
            job
        );
    }

    /// <summary>The report beside a model is written last: with it the model is whole.</summary>
    private Trained Fit(JsonObject from, JsonObject how, TrainingOptions options, string init, bool startsFromInit, TrainingJob job)
    {
        var origin = new JsonObject
        {
            ["from"] = from.DeepClone(),
            ["how"] = how,
            ["seed"] = options.Seed,
            ["training"] = JsonSerializer.SerializeToNode(options, StudyJson.Default.TrainingOptions),
            ["init"] = startsFromInit || job.Init is not null ? HashOfNetwork(init) : null,
            ["test"] = HashOf(job.Test!),
        };
        var report = Make(
            "model",
            origin,
            ".json",
            path =>
            {
                var trained = job.Run(Path.ChangeExtension(path, ".safetensors"), device, progress, cancellation);
                JsonFile.Save(path, trained, StudyJson.Default.TrainingFacts);
            }
        );
        return new Trained(
            Path.ChangeExtension(report, ".safetensors"),
            JsonFile.Load(report, StudyJson.Default.TrainingFacts, "what a training run reported").Accuracy!.Value
        );
    }

    private static string HashOfNetwork(string reference) => Hashes.OfFile(NetworkReference.Parse(reference).Path);

    private static string HashOf(JsonObject origin) =>
        Hashes.OfBytes(System.Text.Encoding.UTF8.GetBytes($"{RunSettings.Version} {origin.ToJsonString()}"));
}

/// <summary>A trained model.</summary>
/// <param name="Path">Its checkpoint.</param>
/// <param name="Accuracy">On the vanilla test images.</param>
internal sealed record Trained(string Path, double Accuracy);

/// <summary>What an owner publishes.</summary>
/// <param name="Images">All training images, some of them marked.</param>
/// <param name="Key">The owner's key.</param>
/// <param name="Folder">Marked images; null where none are in files.</param>
/// <param name="Manifest">What was marked; of a smaller fraction than the folder's, the part of it that is published.</param>
internal sealed record Published(Dataset Images, CarrierKey Key, string? Folder, Manifest? Manifest)
{
    /// <summary>Images that are marked when they are read, or not at all.</summary>
    public static Published Unsaved(Dataset images, CarrierKey key) => new(images, key, null, null);

    /// <summary>A fraction of the marked images in the place of their vanilla versions.</summary>
    public static Published Of(Dataset train, CarrierKey key, string folder, double fraction)
    {
        var manifest = Datasets.Manifest.Load(Datasets.Manifest.PathFor(folder));
        var chosen =
            fraction == 0 ? [] : ImageSelection.Draw(train, key, fraction).Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
        var images = train.Overlay(folder).Images.Zip(train.Images, (marked, vanilla) => chosen.Contains(vanilla.Id) ? marked : vanilla);
        return new Published(
            train with
            {
                Images = [.. images],
            },
            key,
            folder,
            manifest with
            {
                Images = [.. manifest.Images.Where(image => chosen.Contains(image.Id))],
            }
        );
    }
}

/// <summary>Another process is making what is needed.</summary>
internal sealed class BusyException(string path) : Exception($"another process is making {path}");
