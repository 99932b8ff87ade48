using Isotope.Runs;

namespace Isotope.Cli.Studies;

/// <summary>Progress of a cell's stages, named after the study and the cell's number.</summary>
internal sealed class CellProgress(IProgress<StageProgress> inner) : IProgress<StageProgress>
{
    /// <summary>Name of the cell that is running.</summary>
    public string Cell { get; set; } = "";

    public void Report(StageProgress value) => inner.Report(value with { Stage = $"{Cell} {value.Stage}" });
}
