using Isotope.Files;

namespace Isotope.Cli.Serve;

/// <summary>Files that tell how far unfinished runs are: journals of marking and of queries, states of training.</summary>
internal static class RunJournal
{
    private const string Marking = ".journal.jsonl";
    private const string Answers = "answers.jsonl";
    private const string Training = ".resume";

    /// <summary>The journals of runs that are not finished, newest first.</summary>
    public static IReadOnlyList<FileInfo> Unfinished(OpenFolders folders) =>
        [.. folders.Files(Marking, Answers, Training).Where(IsUnfinished)];

    /// <summary>How far its run is.</summary>
    public static string Describe(FileInfo file)
    {
        if (file.Name.EndsWith(Training, StringComparison.Ordinal))
            return $"training, state of {file.LastWriteTime:HH:mm:ss}";
        var done = Math.Max(0, CountLines(file) - 1);
        return $"{done} done, the last at {file.LastWriteTime:HH:mm:ss}";
    }

    /// <summary>Answers are kept after their run, the other journals are deleted.</summary>
    private static bool IsUnfinished(FileInfo file) =>
        !file.Name.EndsWith(Answers, StringComparison.OrdinalIgnoreCase) || OutputLock.IsTaken(file.FullName);

    /// <summary>Lines of a file that its run may be writing, header included; 1 if it can't be read.</summary>
    private static long CountLines(FileInfo file)
    {
        try
        {
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            var lines = 0L;
            while (reader.ReadLine() is not null)
                lines++;
            return lines;
        }
        catch (IOException)
        {
            return 1;
        }
    }
}
