namespace Isotope.Detection;

/// <summary>Some of many items, chosen by their place alone.</summary>
internal static class EvenlySpaced
{
    /// <summary>All items, or <paramref name="most"/> of them, evenly spaced.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> items, int most) =>
        items.Count <= most ? items : [.. Enumerable.Range(0, most).Select(i => items[(int)((long)i * items.Count / most)])];
}
