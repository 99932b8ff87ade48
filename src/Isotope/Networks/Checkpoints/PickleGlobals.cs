using System.Collections.Frozen;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>The class of a storage.</summary>
/// <param name="Name">Module and name in Python.</param>
/// <param name="Element">The type of its elements.</param>
internal sealed record StorageClass(string Name, ElementType Element) : PickleGlobal(Name);

/// <summary>Everything that a pickle of PyTorch may call. Any other name is inert: what is made of it is kept and never called.</summary>
internal static class PickleGlobals
{
    private static readonly FrozenDictionary<string, PickleGlobal> Allowed = new PickleGlobal[]
    {
        new("torch._utils._rebuild_tensor", TensorReference.Rebuild),
        new("torch._utils._rebuild_tensor_v2", TensorReference.Rebuild),
        new("torch._utils._rebuild_parameter", Parameter),
        new("torch._utils._rebuild_parameter_with_state", Parameter),
        new("torch._tensor._rebuild_from_type_v2", OfType),
        new("torch.Size", Size),
        new("collections.OrderedDict", OrderedDictionary),
    }
        .Concat(ElementType.All.Select(element => new StorageClass("torch." + element.Storage, element)))
        .Concat(ElementType.All.Select(element => new StorageClass("torch.cuda." + element.Storage, element)))
        .ToFrozenDictionary(global => global.Name);

    /// <summary>The function or class of this name; an inert one if it is not on the list.</summary>
    public static PickleGlobal Find(string module, string name) =>
        Allowed.TryGetValue($"{module}.{name}", out var global) ? global : new PickleGlobal($"{module}.{name}", IsInert: true);

    /// <summary>The function or class of this name.</summary>
    /// <exception cref="InvalidDataException">It is not on the list.</exception>
    public static PickleGlobal Listed(string module, string name) =>
        Find(module, name) is { IsInert: false } global ? global : throw PickleGlobal.Refused($"{module}.{name}");

    // (tensor, requires_grad, hooks[, state])
    private static object? Parameter(object?[] arguments) =>
        arguments.Length is 3 or 4
            ? arguments[0] as PickleInstance ?? (object)PickleValue.As<TensorReference>(arguments[0], "a tensor as a parameter's data")
            : throw Unexpected("3 or 4 arguments of a parameter in the pickle", arguments.Length);

    // (function, class, its arguments, state): a tensor of a subclass, which has the same numbers
    private static object? OfType(object?[] arguments) =>
        arguments is [PickleGlobal { Call: { } rebuild }, _, object?[] its, _]
            ? rebuild(its)
            : new PickleInstance("torch._tensor._rebuild_from_type_v2", arguments);

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
