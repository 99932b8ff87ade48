using static Isotope.Files.UntrustedFile;

namespace Isotope.Pickles;

/// <summary>The stack of the pickle machine, with marks. Items below the last mark can't be taken, and its depth is limited.</summary>
internal sealed class PickleStack
{
    /// <summary>Python flushes its containers every 1,000 items, so a real pickle stays far below.</summary>
    private const int MaxDepth = 1_000_000;

    private readonly List<object?> items = [];
    private readonly Stack<int> marks = new();

    /// <summary>The index of the first item above the last mark.</summary>
    private int Floor => marks.TryPeek(out var mark) ? mark : 0;

    public void Push(object? item)
    {
        if (items.Count == MaxDepth)
            throw Unexpected($"a pickle at most {MaxDepth} items deep", "a deeper one");
        items.Add(item);
    }

    public void Mark()
    {
        if (marks.Count == MaxDepth)
            throw Unexpected($"a pickle at most {MaxDepth} marks deep", "a deeper one");
        marks.Push(items.Count);
    }

    public object? Pop() => Pop(1)[0];

    /// <summary>Removes the topmost items and returns them, the deepest first.</summary>
    public object?[] Pop(int count)
    {
        var start = items.Count - count;
        if (start < Floor)
            throw Underflow();
        object?[] taken = [.. items.Slice(start, count)];
        items.RemoveRange(start, count);
        return taken;
    }

    /// <summary>Removes the last mark and everything above it; returns the items, the deepest first.</summary>
    public object?[] PopToMark()
    {
        if (!marks.TryPeek(out var start))
            throw Unexpected("a well-formed pickle", "an instruction that wants a mark without one");
        var taken = Pop(items.Count - start);
        marks.Pop();
        return taken;
    }

    /// <summary>The topmost item, which stays.</summary>
    public object? Top => items.Count > Floor ? items[^1] : throw Underflow();

    /// <summary>The topmost item, which stays, as the type that an instruction needs.</summary>
    public T Peek<T>(string expected) => PickleValue.As<T>(Top, expected);

    private static InvalidDataException Underflow() =>
        new("expected a well-formed pickle, found an instruction that takes more than the stack holds");
}
