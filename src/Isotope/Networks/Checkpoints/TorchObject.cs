using Isotope.Files;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>What <c>torch.save</c> was given, with tensors still in the file.</summary>
/// <param name="Root">Containers, primitives and <see cref="TensorReference"/>s.</param>
/// <param name="Read">Loads all elements of a storage; called inside of a dispose scope, while the file is open.</param>
internal sealed record TorchObject(object? Root, Func<StorageReference, Tensor> Read)
{
    /// <summary>Where training scripts put the weights, if not at the top; looked for in this order.</summary>
    public static readonly IReadOnlyList<string> WeightsKeys = ["state_dict", "model_state_dict", "model", "net"];

    private const int MaxDepth = 3;

    /// <summary>Loads the weights; of everything else in the file (epoch, optimizer, …) nothing is read.</summary>
    /// <exception cref="InvalidDataException">There are no weights where they may be.</exception>
    public StateDict LoadWeights()
    {
        PickleDictionary weights = FindWeights(Root, MaxDepth) ?? throw NoWeights(Root);
        using var scope = NewDisposeScope();
        Dictionary<StorageReference, Tensor> storages = [];
        OrderedDictionary<string, Tensor> tensors = [];
        foreach ((object? key, object? value) in weights)
            if (key is string name && value is TensorReference reference)
                tensors[name] = Load(reference, storages);
        return new StateDict(tensors, new Dictionary<string, string>());
    }

    /// <summary>Loads the tensor that was saved by itself.</summary>
    /// <exception cref="InvalidDataException">Something else was.</exception>
    public Tensor LoadTensor()
    {
        if (Root is not TensorReference reference)
            throw Unexpected("a tensor saved by itself", PickleValue.Describe(Root));
        using var scope = NewDisposeScope();
        return Load(reference, []).contiguous().DetachFromDisposeScope();
    }

    // Views of one storage share it, as they did when they were saved: each is read once and never copied.
    private Tensor Load(TensorReference tensor, Dictionary<StorageReference, Tensor> storages)
    {
        if (!storages.TryGetValue(tensor.Storage, out Tensor? storage))
            storages.Add(tensor.Storage, storage = Read(tensor.Storage));
        return storage.as_strided(tensor.Size, tensor.Stride, tensor.Offset);
    }

    // The innermost place first; the depth is limited because a pickle's dictionary can contain itself.
    private static PickleDictionary? FindWeights(object? place, int depth)
    {
        if (place is not PickleDictionary dictionary || depth == 0)
            return null;
        return WeightsKeys.Select(key => FindWeights(dictionary.Find(key), depth - 1)).FirstOrDefault(found => found is not null)
            ?? (HoldsWeights(dictionary) ? dictionary : null);
    }

    private static bool HoldsWeights(PickleDictionary place) => place.Exists(item => item is { Key: string, Value: TensorReference });

    private static InvalidDataException NoWeights(object? place)
    {
        IEnumerable<string> keys = (place as PickleDictionary ?? [])
            .Select(item => item.Key)
            .OfType<string>()
            .Take(5)
            .Select(name => Printable.Start(name));
        return Unexpected(
            $"weights at the top level or under {string.Join(", ", WeightsKeys)}",
            $"{PickleValue.Describe(place)} with [{string.Join(", ", keys)}]"
        );
    }
}
