namespace Isotope.Cli.Commands.Setup;

/// <summary>What <c>doctor</c> found.</summary>
internal sealed record DoctorReport(string Isotope, bool Works, IReadOnlyList<Check> Checks);

/// <summary>One thing that was checked.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Works">Whether it works.</param>
/// <param name="Found">What was found, or what is wrong.</param>
internal sealed record Check(string Name, bool Works, string Found)
{
    /// <summary>Runs a check; any exception is its answer.</summary>
    public static Check Of(string name, Func<string> find)
    {
        try
        {
            return new Check(name, true, find());
        }
        catch (Exception e) when (e is not OutOfMemoryException) // whatever is wrong with a machine is an answer here
        {
            return new Check(name, false, (e.InnerException ?? e).Message.Split('\n')[0]);
        }
    }

    public override string ToString() => $"{(Works ? "ok  " : "FAIL")}  {Name, -10} {Found}";
}
