using static Isotope.Files.UntrustedFile;

namespace Isotope.Pickles;

/// <summary>The stack of the pickle machine, with its marks. It neither underflows past a mark nor grows without bound.</summary>
internal sealed class PickleStack
{
    /// <summary>Python flushes its containers every 1,000 items, so a real pickle stays far below.</summary>
    private const int MaxDepth = 1_000_000;

    private readonly List<object?> items = [];
    private readonly Stack<int> marks = new();

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

    /// <summary>Takes the topmost items, the deepest first.</summary>
    public object?[] Pop(int count)
    {
        int start = items.Count - count;
        if (start < (marks.Count > 0 ? marks.Peek() : 0))
            throw Underflow();
        object?[] taken = [.. items.Slice(start, count)];
        items.RemoveRange(start, count);
        return taken;
    }

    /// <summary>Takes everything above the last mark, and the mark.</summary>
    public object?[] PopToMark()
    {
        if (!marks.TryPeek(out int start))
            throw Unexpected("a well-formed pickle", "an instruction that wants a mark without one");
        object?[] taken = Pop(items.Count - start);
        marks.Pop();
        return taken;
    }

    /// <summary>The topmost item, which stays.</summary>
    public object? Top => items.Count > (marks.Count > 0 ? marks.Peek() : 0) ? items[^1] : throw Underflow();

    /// <summary>The topmost item, which stays, as what an instruction needs it to be.</summary>
    public T Peek<T>(string expected) => PickleValue.As<T>(Top, expected);

    private static InvalidDataException Underflow() =>
        new("expected a well-formed pickle, found an instruction that takes more than the stack holds");
}
