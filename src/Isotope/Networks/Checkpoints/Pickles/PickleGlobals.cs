using System.Collections.Frozen;
using static Isotope.Networks.Checkpoints.CheckpointFile;

namespace Isotope.Networks.Checkpoints.Pickles;

/// <summary>Something that a pickle may name: a storage class, or a function that it may call.</summary>
/// <param name="Name">Module and name in Python.</param>
/// <param name="Element">The element type, for a storage class.</param>
/// <param name="Call">What calling it makes of a tuple of arguments; null if it can't be called.</param>
/// <param name="IsClass">Whether objects of it may be made, without arguments.</param>
internal sealed record PickleGlobal(string Name, ElementType? Element, Func<object?[], object?>? Call, bool IsClass = false);

/// <summary>Everything that a pickle may name. Whatever is not listed here is refused, whatever it is.</summary>
internal static class PickleGlobals
{
    private static readonly FrozenDictionary<string, PickleGlobal> Allowed = new PickleGlobal[]
    {
        new("torch._utils._rebuild_tensor", null, TensorReference.Rebuild),
        new("torch._utils._rebuild_tensor_v2", null, TensorReference.Rebuild),
        new("torch._utils._rebuild_parameter", null, Parameter),
        new("torch._utils._rebuild_parameter_with_state", null, Parameter),
        new("torch.Size", null, Size),
        new("collections.OrderedDict", null, OrderedDictionary),
    }
    .Concat(ElementType.All.Select(element => new PickleGlobal("torch." + element.Storage, element, null)))
    .ToFrozenDictionary(global => global.Name);

    /// <exception cref="InvalidDataException">It is not on the list.</exception>
    public static PickleGlobal Find(string module, string name) => Allowed.TryGetValue($"{module}.{name}", out PickleGlobal? global)
        ? global
        : throw Refused($"{module}.{name}");

    public static InvalidDataException Refused(string name) =>
        new($"the pickle asks for {Short(name)}, which a checkpoint of weights does not need; refused, nothing was run");

    // (tensor, requires_grad, hooks[, state])
    private static TensorReference Parameter(object?[] arguments) => arguments.Length is 3 or 4
        ? PickleValue.As<TensorReference>(arguments[0], "a tensor as a parameter's data")
        : throw Unexpected("3 or 4 arguments of a parameter in the pickle", arguments.Length);

    private static object?[] Size(object?[] arguments) => arguments.Length == 1
        ? PickleValue.As<object?[]>(arguments[0], "a tuple as torch.Size")
        : throw Unexpected("1 argument of torch.Size in the pickle", arguments.Length);

    // (), or as Python 2 wrote it ([[key, value], …],)
    private static PickleDictionary OrderedDictionary(object?[] arguments)
    {
        PickleDictionary dictionary = [];
        if (arguments.Length > 0)
            foreach (object? item in PickleValue.As<List<object?>>(arguments[0], "a list of items of an OrderedDict"))
                dictionary.With(PickleValue.As<IReadOnlyList<object?>>(item, "a key and a value") is [var key, var value]
                    ? [key, value]
                    : throw Unexpected("a key and a value in an OrderedDict of the pickle", "another number"));
        return dictionary;
    }
}
