using System.IO.Compression;
using Isotope.Files;
using Isotope.Networks.Checkpoints;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Scripts;

/// <summary>What a TorchScript archive holds beside its program.</summary>
/// <param name="Folder">The folder of its records.</param>
/// <param name="Type">The class of the model, such as <c>__torch__.torchvision.models.resnet.ResNet</c>.</param>
/// <param name="Tensors">The tensors of the model and its modules by name, such as <c>layer1.conv.weight</c>.</param>
/// <param name="Constants">The program's constants, which it calls <c>CONSTANTS.c0</c> and so on; null for what is no tensor.</param>
internal sealed record ScriptContents(
    string Folder,
    string Type,
    IReadOnlyList<KeyValuePair<string, TensorReference>> Tensors,
    IReadOnlyList<TensorReference?> Constants
);

/// <summary>
/// Reads the objects and constants of a TorchScript archive without libtorch, which trusts them. Here every tensor must lie inside its
/// storage and every storage must fill its record, and only tensors, containers and the archive's own classes may be named.
/// </summary>
internal static class ScriptPickles
{
    private const int MaxDepth = 64;
    private const string Own = "__torch__";
    private const string Pickle = "torch.jit._pickle.";

    private static readonly Dictionary<string, PickleGlobal> Functions = new[]
    {
        new PickleGlobal(Pickle + "build_intlist", First),
        new PickleGlobal(Pickle + "build_doublelist", First),
        new PickleGlobal(Pickle + "build_boollist", First),
        new PickleGlobal(Pickle + "build_tensorlist", First),
        new PickleGlobal(Pickle + "restore_type_tag", First),
        new PickleGlobal("torch.device", First),
    }.ToDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>What an archive holds beside its program.</summary>
    /// <exception cref="InvalidDataException">The pickles are damaged, or hold what no model's pickles do.</exception>
    public static ScriptContents Read(Dictionary<string, ZipArchiveEntry> records)
    {
        var folder = FolderOf(records);
        var constants = Run(records, folder, "constants") as IReadOnlyList<object?>;
        List<KeyValuePair<string, TensorReference>> tensors = [];
        var root = Run(records, folder, "data");
        Collect(root, "", tensors, [], MaxDepth);
        var type = (root as PickleInstance)?.Type ?? throw Unexpected("a module in data.pkl", PickleValue.Describe(root));
        return new ScriptContents(folder, type, tensors, [.. constants?.Select(value => value as TensorReference) ?? []]);
    }

    private static string FolderOf(Dictionary<string, ZipArchiveEntry> records)
    {
        var name = records.Keys.FirstOrDefault(name => name.EndsWith("/data.pkl", StringComparison.Ordinal));
        return name?[..^"data.pkl".Length] ?? throw Unexpected("TorchScript of PyTorch 1.4 or later, with data.pkl", "an archive without");
    }

    private static object? Run(Dictionary<string, ZipArchiveEntry> records, string folder, string pickle)
    {
        if (!records.TryGetValue($"{folder}{pickle}.pkl", out var record))
            throw Unexpected($"a record {pickle}.pkl in the archive", "none");
        StorageTable storages = new();
        using MemoryStream bytes = new(ZipRecords.Bytes(record, PickleReader.MaxBytes));
        var root = PickleMachine.Run(bytes, Find, storages.Resolve);
        foreach (var storage in storages.All)
            if (!records.TryGetValue($"{folder}{pickle}/{storage.Key}", out var data) || data.Length != storage.Bytes)
                throw Unexpected($"{storage.Bytes} bytes of {pickle} '{Printable.Start(storage.Key)}' in the archive", data?.Length ?? 0);
        return root;
    }

    private static PickleGlobal Find(string module, string name)
    {
        if (module == Own || module.StartsWith(Own + ".", StringComparison.Ordinal))
            return new PickleGlobal($"{module}.{name}", IsClass: true);
        if (name is "_rebuild_qtensor")
            throw Unexpected("TorchScript with plain weights", "quantized ones; export the model as it was before that (docs/export.md)");
        return Functions.GetValueOrDefault($"{module}.{name}") ?? PickleGlobals.Listed(module, name);
    }

    private static object? First(object?[] arguments) =>
        arguments.Length > 0 ? arguments[0] : throw Unexpected("arguments of a call in the pickle", "none");

    // An object that several others refer to has only its first name, as in PyTorch.
    private static void Collect(
        object? place,
        string prefix,
        List<KeyValuePair<string, TensorReference>> tensors,
        HashSet<PickleInstance> seen,
        int depth
    )
    {
        if (place is not PickleInstance instance || !seen.Add(instance))
            return;
        if (depth == 0)
            throw Unexpected($"modules at most {MaxDepth} deep in each other", "deeper ones");
        foreach (var (key, value) in instance.Attributes)
        {
            if (key is not string name)
                continue;
            if (value is TensorReference tensor)
                tensors.Add(new(prefix + name, tensor));
            else
                Collect(value, $"{prefix}{name}.", tensors, seen, depth - 1);
        }
    }
}
