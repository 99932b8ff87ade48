using Isotope.Files;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>A run of elements that a checkpoint stores outside its pickle; tensors are views of it.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Element">The type of its elements.</param>
/// <param name="Count">How many elements the pickle claims; not yet checked.</param>
internal sealed record StorageReference(string Key, ElementType Element, long Count)
{
    /// <summary>The elements themselves, where the pickle has them, as for arrays of NumPy.</summary>
    public byte[]? Inline { get; init; }

    /// <summary>Size in bytes.</summary>
    /// <exception cref="OverflowException">It does not fit in 63 bits.</exception>
    public long Bytes => checked(Count * Element.Bytes);

    public override string ToString() => "a storage";
}

/// <summary>The storages that a pickle mentions, each once.</summary>
internal sealed class StorageTable
{
    /// <summary>Bytes of an element of storages that are not read.</summary>
    private static readonly Dictionary<string, int> OtherTypes = new()
    {
        ["torch.ComplexFloatStorage"] = 8,
        ["torch.ComplexDoubleStorage"] = 16,
        ["torch.QInt8Storage"] = 1,
        ["torch.QUInt8Storage"] = 1,
        ["torch.QInt32Storage"] = 4,
    };

    private readonly Dictionary<string, StorageReference> byKey = [];
    private readonly Dictionary<string, string> typesNotRead = [];

    /// <summary>All storages mentioned.</summary>
    public IEnumerable<StorageReference> All => byKey.Values;

    /// <summary>Bytes of an element of a storage that is mentioned but not read; null of one that is read.</summary>
    /// <exception cref="InvalidDataException">Its type is unknown.</exception>
    public int? ElementBytesNotRead(string key)
    {
        if (!typesNotRead.TryGetValue(key, out var type))
            return null;
        return OtherTypes.TryGetValue(type, out var bytes)
            ? bytes
            : throw Unexpected("storages of known types", $"{Printable.Start(type)}: save model.state_dict() alone");
    }

    /// <summary>The storage with this key.</summary>
    /// <exception cref="InvalidDataException">The pickle mentioned no such storage.</exception>
    public StorageReference this[string key] =>
        byKey.TryGetValue(key, out var storage)
            ? storage
            : throw Unexpected("storages that the pickle mentions", $"'{Printable.Start(key)}'");

    /// <summary>
    /// The storage of a persistent id: ('storage', class, key, location, count[, view]); an inert object if its class is unknown. The class
    /// itself of ('module', class, file, source), as whole models were saved before PyTorch 1.6.
    /// </summary>
    /// <exception cref="InvalidDataException">It is malformed, or contradicts an earlier one with the same key.</exception>
    public object? Resolve(object? id)
    {
        if (id is object?[] and ["module", PickleGlobal { IsInert: true } type, ..])
            return type;
        if (id is object?[] and ["storage", PickleGlobal { IsInert: true } unknown, string other, ..])
        {
            typesNotRead.TryAdd(other, unknown.Name);
            return new PickleInstance(unknown.Name);
        }

        if (
            id is not object?[] { Length: 5 or 6 } parts
            || parts is not ["storage", StorageClass { Element: var element }, string key, _, >= 0L and long count, ..]
        )
            throw Unexpected("the persistent id of a storage in the pickle", "another");
        if (parts is [_, _, _, _, _, not null])
            throw Unexpected("whole storages", $"that '{Printable.Start(key)}' is a view of another (PyTorch before 0.4)");
        StorageReference storage = new(key, element, count);
        if (!byKey.TryAdd(key, storage) && byKey[key] != storage)
            throw Unexpected($"one type and size of storage '{Printable.Start(key)}'", "two");
        return storage;
    }
}
