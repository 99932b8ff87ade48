using System.Runtime.InteropServices;

namespace Isotope.Runs;

/// <summary>What to do where a batch does not fit into memory: halve it and go on.</summary>
public static class MemoryShortage
{
    /// <summary>Works on all items at once, or, where memory is short, on halves of them, down to one.</summary>
    /// <param name="items">At least one.</param>
    /// <param name="work">Gives what it makes of some items; does no harm if it fails.</param>
    /// <returns>What was made of each part, in order.</returns>
    internal static IReadOnlyList<TResult> Halving<TItem, TResult>(IReadOnlyList<TItem> items, Func<IReadOnlyList<TItem>, TResult> work)
    {
        try
        {
            return [work(items)];
        }
        catch (Exception e) when (items.Count > 1 && Is(e)) { }

        var half = items.Count / 2; // beyond the handler, which would keep the failed half alive
        return [.. Halving([.. items.Take(half)], work), .. Halving([.. items.Skip(half)], work)];
    }

    /// <summary>Whether an exception says that memory is short: the runtime's own, or libtorch's of the CPU or a GPU.</summary>
    public static bool Is(Exception e) =>
        e is OutOfMemoryException
        || (
            e is ExternalException
            && (
                e.Message.Contains("allocate memory", StringComparison.Ordinal)
                || e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || e.Message.Contains("not enough memory", StringComparison.Ordinal)
            )
        );
}
