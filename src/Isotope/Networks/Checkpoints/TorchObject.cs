using Isotope.Files;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>The object that <c>torch.save</c> wrote, its tensors not yet read.</summary>
/// <param name="Root">Containers, primitives and <see cref="TensorReference"/>s.</param>
/// <param name="Read">Loads all elements of a storage; called in a dispose scope, while the file is open.</param>
internal sealed record TorchObject(object? Root, Func<StorageReference, Tensor> Read)
{
    /// <summary>Keys under which training scripts put the weights, searched in this order.</summary>
    private static readonly IReadOnlyList<string> WeightsKeys = ["state_dict", "model_state_dict", "model", "net"];

    private const int MaxDepth = 3;

    /// <summary>Loads the weights; the elements of other tensors (optimizer state, …) are not read.</summary>
    /// <exception cref="InvalidDataException">There are no weights at the top level or under the usual keys.</exception>
    public StateDict LoadWeights()
    {
        var weights = FindWeights(Root, MaxDepth) ?? throw NoWeights(Root);
        using var scope = NewDisposeScope();
        Dictionary<StorageReference, Tensor> storages = [];
        OrderedDictionary<string, Tensor> tensors = [];
        foreach (var (key, value) in weights)
            if (key is string name && value is TensorReference reference)
                tensors[name] = Load(reference, storages);
        return new StateDict(tensors, new Dictionary<string, string>());
    }

    /// <summary>Loads a tensor that was saved by itself.</summary>
    /// <exception cref="InvalidDataException">The object is something else.</exception>
    public Tensor LoadTensor()
    {
        if (Root is not TensorReference reference)
            throw Unexpected("a tensor saved by itself", PickleValue.Describe(Root));
        using var scope = NewDisposeScope();
        return Load(reference, []).contiguous().DetachFromDisposeScope();
    }

    // Views of one storage share it, as when they were saved: each storage is read once and never copied.
    private Tensor Load(TensorReference tensor, Dictionary<StorageReference, Tensor> storages)
    {
        if (!storages.TryGetValue(tensor.Storage, out var storage))
            storages.Add(tensor.Storage, storage = Read(tensor.Storage));
        return storage.as_strided(tensor.Size, tensor.Stride, tensor.Offset);
    }

    // Innermost first. The depth is limited because a pickled dictionary can contain itself.
    private static PickleDictionary? FindWeights(object? place, int depth)
    {
        if (place is not PickleDictionary dictionary || depth == 0)
            return null;
        foreach (var key in WeightsKeys)
            if (FindWeights(dictionary.Find(key), depth - 1) is { } found)
                return found;
        return dictionary.Exists(item => item is { Key: string, Value: TensorReference }) ? dictionary : null;
    }

    private static InvalidDataException NoWeights(object? place)
    {
        var names = (place as PickleDictionary ?? []).Select(item => item.Key).OfType<string>();
        var keys = names.Take(5).Select(name => Printable.Start(name));
        return Unexpected(
            $"weights at the top level or under {string.Join(", ", WeightsKeys)}",
            $"{PickleValue.Describe(place)} with [{string.Join(", ", keys)}]"
        );
    }
}
