using Isotope.Files;
using Isotope.Networks.Architectures;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>The object that <c>torch.save</c> wrote, its tensors not yet read.</summary>
/// <param name="Root">Containers, primitives, inert objects and <see cref="TensorReference"/>s.</param>
/// <param name="Read">Loads all elements of a storage; called in a dispose scope, while the file is open.</param>
internal sealed record TorchObject(object? Root, Func<StorageReference, Tensor> Read)
{
    /// <summary>Places with fewer tensors hold no network worth a look.</summary>
    private const int FewestTensors = 4;

    /// <summary>No architecture has fewer; an optimiser keeps up to four for each parameter, in hundreds of places.</summary>
    private const int FewestOfAnArchitecture = 12;

    /// <summary>Places that are compared with the catalogue, which takes a moment each.</summary>
    private const int MostNetworks = 32;

    private const int MostListed = 8;

    /// <summary>
    /// Loads the weights; the elements of other tensors (optimizer state, …) are not read. Of several places with tensors it is the one
    /// that was asked for; else the only one that fits an architecture; else the usual one.
    /// </summary>
    /// <param name="part">The place, or a prefix of names in it; null to find it.</param>
    /// <exception cref="InvalidDataException">There are no weights, none at that place, or several that differ.</exception>
    public StateDict LoadWeights(string? part = null)
    {
        var all = StoredWeights.In(Root);
        StoredWeights[] places = [.. all.Where(place => place.Tensors.Count > 0)];
        if (places.Length == 0)
            throw Unexpected("tensors by name, as in torch.save(model.state_dict(), FILE)", WithoutTensors(all));
        var (place, prefix) = part is null ? (Choose(places), "") : Named(places, part);
        using var scope = NewDisposeScope();
        Dictionary<StorageReference, Tensor> storages = [];
        OrderedDictionary<string, Tensor> tensors = [];
        foreach (var (name, reference) in place.Tensors)
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                tensors[name[prefix.Length..]] = Load(reference, storages);
        return new StateDict(tensors, new Dictionary<string, string>())
        {
            Place = prefix.Length == 0 ? place.Key : part!,
            NotRead = place.NotRead,
            Layers =
            [
                .. place
                    .Layers.Where(layer => layer.Name.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(layer => layer with { Name = layer.Name[prefix.Length..] }),
            ],
            OtherPlaces = [.. places.Where(other => other != place).Select(other => other.Key)],
        };
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
            storages.Add(tensor.Storage, storage = tensor.Storage.Inline is { } bytes ? Of(bytes, tensor.Storage) : Read(tensor.Storage));
        return storage.as_strided(tensor.Size, tensor.Stride, tensor.Offset);
    }

    private static Tensor Of(byte[] bytes, StorageReference storage)
    {
        using MemoryStream stream = new(bytes);
        return TensorBytes.Read(stream, storage.Element, storage.Count);
    }

    private string WithoutTensors(IReadOnlyList<StoredWeights> places) =>
        places is [{ NotRead: [var (name, kind), ..] }, ..]
            ? $"'{Printable.Start(name)}' stored as {kind}, which is not read"
            : PickleValue.Describe(Root) + (Root is IReadOnlyList<object?> ? ", whose entries have no names" : " without any");

    private StoredWeights Choose(StoredWeights[] places)
    {
        StoredWeights[] networks = [.. places.Where(place => place.Tensors.Count >= FewestTensors)];
        if (networks.Length <= 1)
            return networks.FirstOrDefault(places[0]);
        StoredWeights[] large = [.. networks.Where(place => place.Tensors.Count >= FewestOfAnArchitecture)];
        if (large.Length > MostNetworks)
            throw Unexpected("one network, or FILE#KEY to choose one", $"{large.Length} sets of weights: {List(large)}");
        StoredWeights[] fitting = [.. large.Where(place => Recogniser.Fits(place.Shapes))];
        if (fitting.Length == 0)
            return networks[0];
        if (fitting.Skip(1).All(other => HaveSameNumbers(fitting[0], other)))
            return fitting[0];
        throw Unexpected("one network, or FILE#KEY to choose one", $"several that differ: {List(fitting)}");
    }

    /// <summary>Whether two copies, such as a model and its average at first, hold the same numbers in the same order.</summary>
    private bool HaveSameNumbers(StoredWeights one, StoredWeights other)
    {
        using var scope = NewDisposeScope();
        Dictionary<StorageReference, Tensor> storages = [];
        return one.Tensors.Count == other.Tensors.Count && one.Tensors.Values.Zip(other.Tensors.Values, AreEqual).All(equal => equal);

        bool AreEqual(TensorReference first, TensorReference second) =>
            first.IsSame(second)
            || first.Size.SequenceEqual(second.Size) && (Load(first, storages) == Load(second, storages)).all().item<bool>();
    }

    /// <summary>The place of this key, or the place and the prefix of names in it that this key stands for.</summary>
    private static (StoredWeights Place, string Prefix) Named(IReadOnlyList<StoredWeights> places, string part)
    {
        if (places.FirstOrDefault(place => place.Key == part) is { } exact)
            return (exact, "");
        foreach (var place in places)
        {
            var prefix =
                place.Key.Length == 0 ? $"{part}."
                : part.StartsWith($"{place.Key}.", StringComparison.Ordinal) ? $"{part[(place.Key.Length + 1)..]}."
                : null;
            if (prefix is not null && place.Tensors.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)))
                return (place, prefix);
        }

        throw Unexpected($"weights under #{Printable.Start(part)}", $"weights under {List(places)}");
    }

    private static string List(IReadOnlyList<StoredWeights> places)
    {
        var keys = places.Take(MostListed).Select(place => place.Key.Length == 0 ? "(the top)" : $"#{Printable.Start(place.Key)}");
        return string.Join(", ", keys) + (places.Count > MostListed ? ", …" : "");
    }
}
