using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;
using Isotope.Reports;

namespace Isotope.Cli.Studies;

/// <summary>
/// Runs each cell of a recipe once. Every finished cell is a file; the results collect them in the grid's order. Several processes may
/// share a study: each takes cells that no other has, and leaves for later those whose marks or models another is making.
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

    /// <summary>Reads all settings at once, so that a mistake is found before the first hour.</summary>
    /// <param name="recipe">The grid.</param>
    /// <param name="only">
    /// The part of the grid to run, each AXIS=VALUE; none for all. Cells that were run before are in the results all the same.
    /// </param>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="shop">Makes marks and models.</param>
    /// <exception cref="IsotopeException">There is no such setting, axis or value.</exception>
    public StudyRun(Recipe recipe, IReadOnlyList<string> only, string folder, Workshop shop)
    {
        this.recipe = recipe;
        this.shop = shop;
        results = Path.Combine(folder, $"{recipe.Study}.jsonl");
        cellFolder = Path.Combine(folder, "cells", recipe.Study);
        paths = [.. recipe.Cells().Select(PathOf)];
        chosen = [.. recipe.Cells(only).Select((cell, i) => WorkOf(cell, i + 1))];
    }

    /// <summary>Runs the cells that are not finished yet.</summary>
    /// <exception cref="IsotopeException">A cell can't be run, or was run with other settings.</exception>
    public StudyDone Run()
    {
        Directory.CreateDirectory(cellFolder);
        TakeUpResults();
        var left = chosen.ToList();
        if (left.RemoveAll(IsDone) > 0)
            WriteResults();
        while (left.Count > 0)
        {
            var waiting = left.Where(work => !TryRunAndWrite(work)).ToList();
            if (waiting.Count == left.Count && shop.Cancellation.WaitHandle.WaitOne(Pause))
                throw new OperationCanceledException(shop.Cancellation);
            left = waiting;
        }

        return new StudyDone(recipe.Study, chosen.Length, chosen.Count(work => File.Exists(work.Path)), results);
    }

    /// <summary>Takes cells from results that came without the cells' own files, such as those kept with a project.</summary>
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

    private bool TryRunAndWrite(CellWork work)
    {
        shop.Progress.Cell = $"{recipe.Study} {work.Number}/{chosen.Length}";
        if (!TryRun(work))
            return false;
        WriteResults();
        return true;
    }

    /// <summary>
    /// Runs a cell, unless another process has it. False if the cell has to wait for marks or a model that another process is making.
    /// </summary>
    private bool TryRun(CellWork work)
    {
        if (IsDone(work))
            return true;
        using var claim = OutputLock.TryTake(work.Path);
        if (claim is null || IsDone(work))
            return true;
        work.Watch.Start();
        try
        {
            var measured = new Experiment(shop, work.Settings).Run();
            JsonFile.Save(work.Path, work.ResultOf(measured), StudyJson.Default.StudyCell);
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

    /// <exception cref="IsotopeException">The cell is finished, but with other settings.</exception>
    private static bool IsDone(CellWork work)
    {
        if (!File.Exists(work.Path))
            return false;
        RunSettings.RequireSame(work.Path, Read(work.Path).Settings ?? [], work.Cell.Settings);
        return true;
    }

    private void WriteResults()
    {
        using var held = HoldResults();
        AtomicFile.Write(results, WriteLines);
    }

    private void WriteLines(Stream stream)
    {
        using var lines = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        lines.WriteLine(JsonSerializer.Serialize(Header(), StudyJson.Default.StudyHeader));
        foreach (var path in paths.Where(File.Exists))
            lines.WriteLine(JsonSerializer.Serialize(Read(path), StudyJson.Default.StudyCell));
    }

    private StudyHeader Header() =>
        new(
            recipe.Study,
            recipe.Title,
            recipe.Paper,
            recipe.Claim,
            RunSettings.Version,
            recipe.RowAxis,
            recipe.ColumnAxis,
            recipe.Measures
        );

    /// <summary>All processes write one file of results: each waits for its turn.</summary>
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

    private CellWork WorkOf(GridCell cell, int number) =>
        new(number, cell, CellSettings.Of(recipe.Study, cell.Settings), PathOf(cell), new Stopwatch());

    private string PathOf(GridCell cell) => PathOf(cell.Place);

    private string PathOf(JsonObject place) =>
        Path.Combine(cellFolder, $"{Hashes.OfBytes(Encoding.UTF8.GetBytes(place.ToJsonString()))[..16]}.json");

    /// <summary>A cell to run. The watch adds up the time of its attempts.</summary>
    private sealed record CellWork(int Number, GridCell Cell, CellSettings Settings, string Path, Stopwatch Watch)
    {
        public StudyCell ResultOf(Measured measured)
        {
            var seconds = Math.Round(Watch.Elapsed.TotalSeconds, 1);
            return new StudyCell(Cell.Place, seconds, Cell.Settings, measured.Inputs, measured.Values, measured.Series);
        }
    }
}
