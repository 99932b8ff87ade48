using System.Numerics;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Pickles;

/// <summary>
/// A dictionary of a pickle: a list of its items, not hashed, so keys chosen to collide cost nothing. Lists are
/// <c>List&lt;object?&gt;</c>, tuples are <c>object?[]</c>, integers are <c>long</c> or <c>BigInteger</c>.
/// </summary>
internal sealed class PickleDictionary : List<KeyValuePair<object?, object?>>
{
    /// <summary>The value of a text key; null if there is none. The last item with the key counts, as in Python.</summary>
    public object? Find(string key) => FindLast(item => item.Key is string text && text == key).Value;

    /// <summary>Adds alternating keys and values.</summary>
    public PickleDictionary With(ReadOnlySpan<object?> items)
    {
        if (items.Length % 2 != 0)
            throw Unexpected("a value for each key of a dictionary in the pickle", "one without");
        for (var i = 0; i < items.Length; i += 2)
            Add(new(items[i], items[i + 1]));
        return this;
    }
}

/// <summary>
/// An object of a class that is listed, that its file defines, as TorchScript does, or that is unknown and stays inert: what the pickle
/// gives it is kept, and nothing is called.
/// </summary>
/// <param name="type">Module and name of the class, or of the function that would make it.</param>
/// <param name="arguments">What it would be made from.</param>
internal sealed class PickleInstance(string type, params IReadOnlyList<object?> arguments)
{
    public string Type => type;

    /// <summary>What it would be made from.</summary>
    public IReadOnlyList<object?> Arguments => arguments;

    /// <summary>Items of an unknown kind of list or set.</summary>
    public List<object?> Elements { get; } = [];

    /// <summary>Items of an unknown kind of dictionary.</summary>
    public PickleDictionary Items { get; } = [];

    /// <summary>The state that the pickle has given it; null until then.</summary>
    public object? State { get; set; }

    /// <summary>Its attributes; none until the pickle gives it a state.</summary>
    /// <exception cref="InvalidDataException">Its state is something else.</exception>
    public PickleDictionary Attributes => State is null ? [] : PickleValue.As<PickleDictionary>(State, "a dictionary of attributes");
}

/// <summary>A long byte string that was left in the stream.</summary>
/// <param name="Position">Its first byte.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="IsText">Whether they are text in UTF-8, each character of which stands for a byte.</param>
internal sealed record PickleBytes(long Position, long Length, bool IsText = false)
{
    public override string ToString() => "bytes";
}

/// <summary>Checked conversions of pickled values.</summary>
internal static class PickleValue
{
    private const int MaxDimensions = 32;

    /// <exception cref="InvalidDataException">The value is something else.</exception>
    public static T As<T>(object? value, string expected) =>
        value is T typed ? typed : throw Unexpected($"{expected} in the pickle", Describe(value));

    /// <summary>A tuple (or list) of integers: a shape or strides.</summary>
    public static long[] Integers(object? value, string expected)
    {
        var items = As<IReadOnlyList<object?>>(value, expected);
        return items.Count <= MaxDimensions
            ? [.. items.Select(item => As<long>(item, "an integer"))]
            : throw Unexpected($"{expected} of at most {MaxDimensions} dimensions", items.Count);
    }

    public static string Describe(object? value) =>
        value switch
        {
            null => "None",
            string text => $"the text '{Printable.Start(text)}'",
            PickleGlobal global => global.Name,
            PickleDictionary => "a dictionary",
            PickleInstance instance => $"an object of {Printable.Start(instance.Type)}",
            byte[] => "bytes",
            object?[] => "a tuple",
            List<object?> => "a list",
            bool => "a boolean",
            double => "a number",
            long or BigInteger => "an integer",
            _ => value.ToString()!,
        };
}
