namespace Isotope.Cli.Studies;

/// <summary>What <c>study</c> did.</summary>
internal sealed record StudiesReport(string Isotope, IReadOnlyList<StudyDone> Studies);

/// <summary>What <c>study</c> did for one recipe.</summary>
/// <param name="Study">The study's name.</param>
/// <param name="Cells">Cells to run.</param>
/// <param name="Done">Cells that are finished; other processes have the rest.</param>
/// <param name="Results">File of the results.</param>
internal sealed record StudyDone(string Study, int Cells, int Done, string Results);
