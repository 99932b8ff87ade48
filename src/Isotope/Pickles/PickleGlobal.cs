using Isotope.Files;

namespace Isotope.Pickles;

/// <summary>Something that a pickle may name, such as a function that it may call.</summary>
/// <param name="Name">Module and name in Python.</param>
/// <param name="Call">What calling it makes of a tuple of arguments; null if it can't be called.</param>
/// <param name="IsClass">Whether objects of it may be made, without arguments.</param>
internal record PickleGlobal(string Name, Func<object?[], object?>? Call = null, bool IsClass = false)
{
    /// <summary>What to throw at everything else that a pickle names or wants.</summary>
    public static InvalidDataException Refused(string name) =>
        new($"the pickle asks for {Printable.Start(name)}, which data has no need of; refused, nothing was run");
}
