using System.Collections;
using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// The named tensors of a checkpoint, in the file's order, on the CPU. They belong to this object, are in no dispose scope, and are
/// disposed with it. Views keep the file's strides, and tensors that shared a storage still share it: call <c>contiguous()</c> before
/// reading <c>bytes</c>, and <c>clone()</c> before writing.
/// </summary>
internal sealed class StateDict : IEnumerable<KeyValuePair<string, Tensor>>, IDisposable
{
    private readonly OrderedDictionary<string, Tensor> tensors;

    internal StateDict(OrderedDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        this.tensors = tensors;
        Metadata = metadata;
        foreach (var tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
    }

    /// <summary>The texts in a safetensors file's <c>__metadata__</c>; empty for every other format.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where a pickle held them: keys joined by dots; empty at the top and for other formats.</summary>
    public string Place { get; init; } = "";

    /// <summary>Other places of the pickle with tensors.</summary>
    public IReadOnlyList<string> OtherPlaces { get; init; } = [];

    /// <summary>Entries at this place that look like tensors and can't be read, such as quantised ones: name and kind.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> NotRead { get; init; } = [];

    /// <summary>The layers of a whole model; none of a state dict.</summary>
    public IReadOnlyList<StoredLayer> Layers { get; set; } = [];

    /// <summary>The tensors' names, in the file's order.</summary>
    public IReadOnlyList<string> Names => tensors.Keys;

    /// <summary>Number of tensors.</summary>
    public int Count => tensors.Count;

    /// <summary>The tensor of this name; the state dict still owns it.</summary>
    /// <exception cref="IsotopeException">There is none.</exception>
    public Tensor this[string name] =>
        TryGet(name, out var tensor)
            ? tensor
            : throw new IsotopeException($"checkpoint: expected a tensor named '{name}', found {Count} others: {Some(Names)}");

    /// <summary>Finds the tensor of this name; the state dict still owns it.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Tensor? tensor) => tensors.TryGetValue(name, out tensor);

    /// <summary>The tensors' shapes by name.</summary>
    internal IReadOnlyDictionary<string, long[]> Shapes => tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.shape);

    /// <summary>The tensors whose names begin with <c>PART.</c>, without it; this if no part is asked for.</summary>
    /// <exception cref="InvalidDataException">There are none.</exception>
    internal StateDict Under(string? part)
    {
        if (part is null)
            return this;
        var prefix = $"{part}.";
        if (!Names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)))
            throw Files.UntrustedFile.Unexpected($"tensors named {Files.Printable.Start(prefix)}…", $"others: {Some(Names)}");
        foreach (var (name, tensor) in tensors.ToArray())
        {
            tensors.Remove(name);
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                tensors.Add(name[prefix.Length..], tensor);
            else
                tensor.Dispose();
        }

        return this;
    }

    /// <summary>Renames every tensor.</summary>
    /// <exception cref="IsotopeException">Two tensors would get the same name.</exception>
    internal void Rename(Func<string, string> newName)
    {
        KeyValuePair<string, Tensor>[] all = [.. tensors];
        if (all.CountBy(tensor => newName(tensor.Key)).FirstOrDefault(name => name.Value > 1) is { Key: { } name })
            throw new IsotopeException($"checkpoint: expected one tensor named '{name}', found two");
        tensors.Clear();
        foreach (var (old, tensor) in all)
            tensors.Add(newName(old), tensor);
    }

    /// <summary>Removes prefixes that all names share, repeatedly: wrappers such as DataParallel add one to every name.</summary>
    internal void StripPrefixes(params ReadOnlySpan<string> prefixes)
    {
        var stripped = 0;
        for (var i = 0; i < prefixes.Length && Count > 0; i++)
        {
            if (!AllHave(prefixes[i], stripped))
                continue;
            stripped += prefixes[i].Length;
            i = -1;
        }

        if (stripped == 0)
            return;
        Rename(name => name[stripped..]);
        Layers = [.. Layers.Where(layer => layer.Name.Length > stripped).Select(layer => layer with { Name = layer.Name[stripped..] })];
    }

    /// <summary>Whether every name has this prefix at a position, and more after it.</summary>
    private bool AllHave(string prefix, int at) =>
        Names.All(name => name.Length - at > prefix.Length && name.AsSpan(at).StartsWith(prefix, StringComparison.Ordinal));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
    }

    private static string Some(IEnumerable<string> names) => string.Join(", ", names.Take(5)) + (names.Count() > 5 ? ", …" : "");
}
