using System.Collections.Frozen;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>The class of a storage.</summary>
/// <param name="Name">Module and name in Python.</param>
/// <param name="Element">The type of its elements.</param>
internal sealed record StorageClass(string Name, ElementType Element) : PickleGlobal(Name);

/// <summary>Everything that a pickle of PyTorch may name. Any other name is refused.</summary>
internal static class PickleGlobals
{
    private static readonly FrozenDictionary<string, PickleGlobal> Allowed = new PickleGlobal[]
    {
        new("torch._utils._rebuild_tensor", TensorReference.Rebuild),
        new("torch._utils._rebuild_tensor_v2", TensorReference.Rebuild),
        new("torch._utils._rebuild_parameter", Parameter),
        new("torch._utils._rebuild_parameter_with_state", Parameter),
        new("torch.Size", Size),
        new("collections.OrderedDict", OrderedDictionary),
    }
        .Concat(ElementType.All.Select(element => new StorageClass("torch." + element.Storage, element)))
        .ToFrozenDictionary(global => global.Name);

    /// <summary>The function or class of this name.</summary>
    /// <exception cref="InvalidDataException">It is not on the list.</exception>
    public static PickleGlobal Find(string module, string name) =>
        Allowed.TryGetValue($"{module}.{name}", out var global) ? global : throw PickleGlobal.Refused($"{module}.{name}");

    // (tensor, requires_grad, hooks[, state])
    private static TensorReference Parameter(object?[] arguments) =>
        arguments.Length is 3 or 4
            ? PickleValue.As<TensorReference>(arguments[0], "a tensor as a parameter's data")
            : throw Unexpected("3 or 4 arguments of a parameter in the pickle", arguments.Length);

    private static object?[] Size(object?[] arguments) =>
        arguments.Length == 1
            ? PickleValue.As<object?[]>(arguments[0], "a tuple as torch.Size")
            : throw Unexpected("1 argument of torch.Size in the pickle", arguments.Length);

    // No arguments, or as Python 2 wrote it: ([[key, value], …],)
    private static PickleDictionary OrderedDictionary(object?[] arguments)
    {
        PickleDictionary dictionary = [];
        if (arguments.Length == 0)
            return dictionary;
        foreach (var item in PickleValue.As<List<object?>>(arguments[0], "a list of items of an OrderedDict"))
        {
            if (PickleValue.As<IReadOnlyList<object?>>(item, "a key and a value") is not [var key, var value])
                throw Unexpected("a key and a value in an OrderedDict of the pickle", "another number");
            dictionary.With([key, value]);
        }

        return dictionary;
    }
}
