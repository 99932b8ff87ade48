using System.Collections;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// The named tensors of a checkpoint, in the file's order. They are on the CPU, belong to this object and to no dispose
/// scope, and are disposed with it. Views keep the strides of the file and tensors that shared a storage still share it:
/// call <c>contiguous()</c> before reading <c>bytes</c>, <c>clone()</c> before writing.
/// </summary>
public sealed class StateDict : IEnumerable<KeyValuePair<string, Tensor>>, IDisposable
{
    private readonly OrderedDictionary<string, Tensor> tensors;

    internal StateDict(OrderedDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        this.tensors = tensors;
        Metadata = metadata;
        foreach (Tensor tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
    }

    /// <summary>The text entries of a safetensors file's <c>__metadata__</c>; empty for every other format.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors' names, in the file's order.</summary>
    public IReadOnlyList<string> Names => tensors.Keys;

    /// <summary>How many tensors there are.</summary>
    public int Count => tensors.Count;

    /// <summary>The tensor of this name, which stays the property of the state dict.</summary>
    /// <exception cref="IsotopeException">There is none.</exception>
    public Tensor this[string name] =>
        TryGet(name, out Tensor? tensor)
            ? tensor
            : throw new IsotopeException($"checkpoint: expected a tensor named '{name}', found {Count} others: {Some(Names)}");

    /// <summary>Finds the tensor of this name, which stays the property of the state dict.</summary>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Tensor? tensor) =>
        tensors.TryGetValue(name, out tensor);

    /// <summary>The tensors' shapes by name.</summary>
    internal IReadOnlyDictionary<string, long[]> Shapes => tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.shape);

    /// <summary>Gives every tensor the name that follows from its own.</summary>
    /// <exception cref="IsotopeException">Two get the same.</exception>
    internal void Rename(Func<string, string> newName)
    {
        KeyValuePair<string, Tensor>[] all = [.. tensors];
        if (all.CountBy(tensor => newName(tensor.Key)).FirstOrDefault(name => name.Value > 1) is { Key: { } name })
            throw new IsotopeException($"checkpoint: expected one tensor named '{name}', found two");
        tensors.Clear();
        foreach ((string old, Tensor tensor) in all)
            tensors.Add(newName(old), tensor);
    }

    /// <summary>
    /// Takes a prefix off every name as long as all names have it: what wrappers such as DataParallel add to all of them.
    /// </summary>
    internal void StripPrefixes(params ReadOnlySpan<string> prefixes)
    {
        int stripped = 0;
        for (int i = 0; i < prefixes.Length && Count > 0; i++)
        {
            string prefix = prefixes[i];
            if (
                !Names.All(name =>
                    name.Length - stripped > prefix.Length && name.AsSpan(stripped).StartsWith(prefix, StringComparison.Ordinal)
                )
            )
                continue;
            stripped += prefix.Length;
            i = -1;
        }

        if (stripped == 0)
            return;
        KeyValuePair<string, Tensor>[] all = [.. tensors];
        tensors.Clear();
        foreach ((string name, Tensor tensor) in all)
            tensors.Add(name[stripped..], tensor);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in tensors.Values)
            tensor.Dispose();
    }

    private static string Some(IEnumerable<string> names) => string.Join(", ", names.Take(5)) + (names.Count() > 5 ? ", …" : "");
}
