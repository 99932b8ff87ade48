using Isotope.Files;

namespace Isotope.Pickles;

/// <summary>A Python name that a pickle may use, such as a function that it may call.</summary>
/// <param name="Name">Module and name in Python.</param>
/// <param name="Call">The result of calling it with a tuple of arguments; null if it can't be called.</param>
/// <param name="IsClass">Whether the pickle may make objects of it, without arguments.</param>
/// <param name="IsInert">Whether it is unknown: what the pickle makes of it stays an inert <see cref="PickleInstance"/>.</param>
internal record PickleGlobal(string Name, Func<object?[], object?>? Call = null, bool IsClass = false, bool IsInert = false)
{
    /// <summary>The exception for everything else that a pickle names or asks for.</summary>
    public static InvalidDataException Refused(string name) =>
        new($"the pickle asks for {Printable.Start(name)}, which data has no need of; refused, nothing was run");
}
