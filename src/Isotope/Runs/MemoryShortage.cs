using System.Runtime.InteropServices;

namespace Isotope.Runs;

/// <summary>Handles batches that do not fit into memory, by halving them.</summary>
internal static class MemoryShortage
{
    /// <summary>Works on all items at once or, if memory is short, on halves of them, down to single items.</summary>
    /// <param name="items">At least one item.</param>
    /// <param name="work">Works on some of the items; a failed call must have no effect.</param>
    /// <returns>The results of the parts, in order.</returns>
    internal static IReadOnlyList<TResult> Halving<TItem, TResult>(IReadOnlyList<TItem> items, Func<IReadOnlyList<TItem>, TResult> work)
    {
        try
        {
            return [work(items)];
        }
        catch (Exception e) when (items.Count > 1 && Is(e)) { }

        // Outside the handler, which would keep the memory of the failed call alive.
        var half = items.Count / 2;
        return [.. Halving([.. items.Take(half)], work), .. Halving([.. items.Skip(half)], work)];
    }

    /// <summary>Whether an exception means that memory is short: the runtime's own, or libtorch's for the CPU or a GPU.</summary>
    public static bool Is(Exception e) => e is OutOfMemoryException || (e is ExternalException && IsShortage(e.Message));

    private static bool IsShortage(string message) =>
        message.Contains("allocate memory", StringComparison.Ordinal)
        || message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || message.Contains("not enough memory", StringComparison.Ordinal);
}
