using System.Text;
using System.Text.Json;
using Isotope.Carriers;
using Isotope.Files;

namespace Isotope.Evidence;

/// <summary>A test as the ledger knows it.</summary>
/// <param name="Kind">white-box, black-box or images.</param>
/// <param name="Fingerprint">SHA-256 over kind, key commitment, options and hashes of inputs: what makes it this test.</param>
/// <param name="Suspect">SHA-256 of what was suspected.</param>
/// <param name="Log10P">log₁₀ of the p-value that counted.</param>
internal sealed record LedgerTest(string Kind, string Fingerprint, string Suspect, double Log10P);

/// <summary>
/// All tests made with a key, in a file beside it: several suspects are several chances to find something. A line is never changed;
/// each holds the hash of the one before, so that a line changed or taken out of the middle is noticed. Lines taken off the end are
/// noticed by a result file that names a later head.
/// </summary>
internal static class Ledger
{
    private const string Format = "isotope-ledger-1";
    private const int Attempts = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Of two p-values of one test, log₁₀: rounding differs between machines and numbers of threads.</summary>
    private const double SameP = 0.01;

    /// <summary>Where the ledger of a key file lies: beside it; of a link, beside the file that it leads to.</summary>
    public static string PathFor(string keyFile) => KeyFile.TargetOf(keyFile) + ".ledger.jsonl";

    /// <summary>
    /// Records a test and flushes it to the disk; one that is there already, with the same fingerprint and p-value, is not counted twice.
    /// Waits while another process writes.
    /// </summary>
    /// <exception cref="IsotopeException">The file can't be written, is another key's, or its chain is broken.</exception>
    public static LedgerStatement Record(string path, string keyCommitment, LedgerTest test)
    {
        using var file = Open(path);
        var lines = Lines(path, keyCommitment, file);
        var tests = lines.Skip(1).Select(line => line.Test).ToList();
        var position = tests.FindIndex(earlier => IsSame(earlier, test));
        if (position < 0)
        {
            position = tests.Count;
            tests.Add(test);
            lines.Add(Append(file, new LedgerLine(lines[^1].Hash, test)));
        }

        return LedgerStatement.Of(position + 1, test.Fingerprint, [.. tests.Select(earlier => earlier.Log10P)], lines[^1].Hash);
    }

    /// <summary>Makes sure that a test can be recorded; starts the ledger where there is none.</summary>
    /// <exception cref="IsotopeException">As <see cref="Record"/>.</exception>
    public static void Check(string path, string keyCommitment)
    {
        using var file = Open(path);
        Lines(path, keyCommitment, file);
    }

    /// <summary>
    /// Whether a ledger says of its first tests what a result says: their p-values, which of them it is, and the last line. It is read
    /// alone, as an exhibit may be.
    /// </summary>
    /// <exception cref="IsotopeException">Another key's, or its chain is broken.</exception>
    public static bool Contains(string path, string keyCommitment, LedgerStatement statement)
    {
        if (!File.Exists(path))
            return false;
        using var file = Open(path, FileMode.Open, FileAccess.Read);
        var tests = Lines(path, keyCommitment, file).Skip(1).Take(statement.Log10PValues.Count).ToArray();
        return tests.LastOrDefault().Hash == statement.Head
            && tests.Select(line => line.Test.Log10P).SequenceEqual(statement.Log10PValues)
            && tests[statement.Position - 1].Test.Fingerprint == statement.Fingerprint;
    }

    private static bool IsSame(LedgerTest earlier, LedgerTest test) =>
        earlier.Fingerprint == test.Fingerprint
        && (earlier.Log10P == test.Log10P || Math.Abs(earlier.Log10P - test.Log10P) <= SameP * (1 + Math.Abs(test.Log10P)));

    private static FileStream Open(string path, FileMode mode = FileMode.OpenOrCreate, FileAccess access = FileAccess.ReadWrite)
    {
        var writes = access == FileAccess.ReadWrite;
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = access,
            Share = writes ? FileShare.None : FileShare.Read,
        };
        if (writes && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (attempt < Attempts && File.Exists(path))
            {
                Thread.Sleep(Pause);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IsotopeException(
                    $"{path}: expected a ledger to {(writes ? "write to, since tests with a key are counted" : "read")}, found: "
                        + $"{e.Message}",
                    e
                );
            }
        }
    }

    /// <summary>
    /// Whole lines; a torn last one, of a process that ended while writing, does not count: its p-value was never shown. Where it is
    /// written to, it is cut off.
    /// </summary>
    private static List<(LedgerTest Test, string Hash)> Lines(string path, string keyCommitment, FileStream file)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        if (file.CanWrite)
        {
            file.SetLength(whole);
            file.Position = whole;
        }

        var texts = Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var header = JsonSerializer.Serialize(new LedgerHeader(Format, keyCommitment), LedgerJson.Default.LedgerHeader);
        if (texts.Length == 0 && file.CanWrite)
            WriteLine(file, header);
        else if (texts.FirstOrDefault() != header)
            throw Broken(path, 1, $"{header}, this key's", "something else");

        List<(LedgerTest Test, string Hash)> lines = [(null!, Hash(header))];
        for (var i = 1; i < texts.Length; i++)
            lines.Add((Parse(path, i + 1, texts[i], lines[^1].Hash), Hash(texts[i])));
        return lines;
    }

    private static LedgerTest Parse(string path, int number, string text, string previous)
    {
        try
        {
            var line = JsonSerializer.Deserialize(text, LedgerJson.Default.LedgerLine);
            if (line?.Previous == previous && line.Test.Log10P <= 0)
                return line.Test;
        }
        catch (JsonException) { }

        throw Broken(path, number, "a test with the hash of the line before", "a break: a line was changed or removed");
    }

    private static (LedgerTest Test, string Hash) Append(FileStream file, LedgerLine line) =>
        (line.Test, Hash(WriteLine(file, JsonSerializer.Serialize(line, LedgerJson.Default.LedgerLine))));

    private static string WriteLine(FileStream file, string text)
    {
        file.Write(Encoding.UTF8.GetBytes(text + "\n"));
        file.Flush(flushToDisk: true);
        return text;
    }

    private static string Hash(string line) => Hashes.OfBytes(Encoding.UTF8.GetBytes(line));

    private static IsotopeException Broken(string path, int line, string expected, string found) =>
        new($"{path}, line {line}: expected {expected}, found {found}");
}
