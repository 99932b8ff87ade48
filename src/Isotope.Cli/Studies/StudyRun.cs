using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;
using Isotope.Reports;
using Isotope.Runs;

namespace Isotope.Cli.Studies;

/// <summary>What <c>study</c> has done of one recipe; cells that are missing are another process's.</summary>
internal sealed record StudyDone(string Study, int Cells, int Done, string Results);

/// <summary>What <c>study</c> has done.</summary>
internal sealed record StudiesReport(string Isotope, IReadOnlyList<StudyDone> Studies);

/// <summary>Progress of the stages of a cell, named after the study and the cell's number.</summary>
internal sealed class CellProgress(IProgress<StageProgress> inner) : IProgress<StageProgress>
{
    /// <summary>What is being run.</summary>
    public string Cell { get; set; } = "";

    public void Report(StageProgress value) => inner.Report(value with { Stage = $"{Cell} {value.Stage}" });
}

/// <summary>
/// Runs the cells of a recipe, each once. Every finished cell is a file, of which the results are put together in the grid's order; several
/// processes may be at it, each takes cells that no other has, and leaves one for later whose marks or models another is making.
/// </summary>
internal sealed class StudyRun
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);
    private readonly Recipe recipe;
    private readonly string results;
    private readonly string cellFolder;
    private readonly Workshop shop;
    private readonly string[] paths;
    private readonly CellWork[] chosen;

    /// <summary>Reads all settings, so that a mistake is found before the first hour.</summary>
    /// <param name="recipe">The grid.</param>
    /// <param name="only">The cells that are run, AXIS=VALUE each; none for all. The results have those, too, that were run before.</param>
    /// <param name="folder">Where results are.</param>
    /// <param name="shop">Where marks and models are made.</param>
    /// <exception cref="IsotopeException">A setting or a place does not exist.</exception>
    public StudyRun(Recipe recipe, IReadOnlyList<string> only, string folder, Workshop shop)
    {
        (this.recipe, this.shop) = (recipe, shop);
        (results, cellFolder) = (Path.Combine(folder, $"{recipe.Study}.jsonl"), Path.Combine(folder, "cells", recipe.Study));
        paths = [.. recipe.Cells().Select(cell => PathOf(cell.Place))];
        chosen =
        [
            .. recipe
                .Cells(only)
                .Select((cell, i) => new CellWork(i + 1, cell, CellSettings.Of(recipe.Study, cell.Settings), new Stopwatch())),
        ];
    }

    /// <summary>Runs what has not been run.</summary>
    /// <exception cref="IsotopeException">A cell can't be run, or was run with other settings.</exception>
    public StudyDone Run()
    {
        var left = chosen.ToList();
        Directory.CreateDirectory(cellFolder);
        TakeUpResults();
        if (left.RemoveAll(work => IsDone(PathOf(work.Cell.Place), work.Cell)) > 0)
            WriteResults();
        while (left.Count > 0)
        {
            var before = left.Count;
            foreach (var work in left.ToArray())
            {
                shop.Progress.Cell = $"{recipe.Study} {work.Number}/{chosen.Length}";
                if (!TryRun(work))
                    continue;
                left.Remove(work);
                WriteResults();
            }

            if (left.Count == before && shop.Cancellation.WaitHandle.WaitOne(Pause))
                throw new OperationCanceledException(shop.Cancellation);
        }

        return new StudyDone(recipe.Study, chosen.Length, chosen.Count(work => File.Exists(PathOf(work.Cell.Place))), results);
    }

    /// <summary>Cells of results that came without their files, such as those kept with a project, count as run.</summary>
    private void TakeUpResults()
    {
        using var held = HoldResults();
        if (!File.Exists(results))
            return;
        foreach (var cell in StudyResults.Load(results).Cells)
        {
            var path = PathOf(cell.Cell);
            if (!File.Exists(path))
                JsonFile.Save(path, cell, StudyJson.Default.StudyCell);
        }
    }

    /// <summary>
    /// Runs a cell that nobody has run or is running; false where it has to wait for marks or a model that another process is making.
    /// </summary>
    private bool TryRun(CellWork work)
    {
        var path = PathOf(work.Cell.Place);
        if (IsDone(path, work.Cell))
            return true;
        using var claim = OutputLock.TryTake(path);
        if (claim is null || IsDone(path, work.Cell))
            return true;
        work.Watch.Start();
        try
        {
            var measured = new Experiment(shop, work.Settings).Run();
            var seconds = Math.Round(work.Watch.Elapsed.TotalSeconds, 1);
            var result = new StudyCell(work.Cell.Place, seconds, work.Cell.Settings, measured.Inputs, measured.Values, measured.Series);
            JsonFile.Save(path, result, StudyJson.Default.StudyCell);
            return true;
        }
        catch (BusyException)
        {
            return false;
        }
        finally
        {
            work.Watch.Stop();
        }
    }

    /// <exception cref="IsotopeException">It was, with other settings.</exception>
    private static bool IsDone(string path, Recipe.GridCell cell)
    {
        if (!File.Exists(path))
            return false;
        RunSettings.RequireSame(path, Read(path).Settings ?? [], cell.Settings);
        return true;
    }

    private void WriteResults()
    {
        using var held = HoldResults();
        AtomicFile.Write(
            results,
            stream =>
            {
                using var lines = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                var header = new StudyHeader(
                    recipe.Study,
                    recipe.Title,
                    recipe.Paper,
                    recipe.Claim,
                    RunSettings.Version,
                    recipe.RowAxis,
                    recipe.ColumnAxis,
                    recipe.Measures
                );
                lines.WriteLine(JsonSerializer.Serialize(header, StudyJson.Default.StudyHeader));
                foreach (var path in paths.Where(File.Exists))
                    lines.WriteLine(JsonSerializer.Serialize(Read(path), StudyJson.Default.StudyCell));
            }
        );
    }

    /// <summary>The results are one file of all processes: each waits for its turn.</summary>
    private OutputLock HoldResults()
    {
        while (true)
        {
            if (OutputLock.TryTake(results) is { } held)
                return held;
            if (shop.Cancellation.WaitHandle.WaitOne(Turn))
                throw new OperationCanceledException(shop.Cancellation);
        }
    }

    private static StudyCell Read(string path) => JsonFile.Load(path, StudyJson.Default.StudyCell, "a finished cell of a study");

    private string PathOf(JsonObject place) =>
        Path.Combine(cellFolder, $"{Hashes.OfBytes(System.Text.Encoding.UTF8.GetBytes(place.ToJsonString()))[..16]}.json");

    /// <summary>A cell to be run; the watch has what its attempts took.</summary>
    private sealed record CellWork(int Number, Recipe.GridCell Cell, CellSettings Settings, Stopwatch Watch);
}
