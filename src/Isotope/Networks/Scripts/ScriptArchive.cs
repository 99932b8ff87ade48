using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Isotope.Networks.Checkpoints;
using static Isotope.Networks.Checkpoints.CheckpointFile;

namespace Isotope.Networks.Scripts;

/// <summary>
/// A look at a TorchScript archive before libtorch gets it. TorchScript is a program: it runs libtorch's operators, never
/// Python. Nearly all of them only compute, but libtorch 2.10 has two that touch files, <c>aten::save</c> (which writes any
/// file that the user may write: tried) and <c>aten::from_file</c> (which maps one), and classes in C++ (<c>torch.classes</c>)
/// and operator families that are not needed to run a classifier. Archives that mention any of these are refused. What is
/// left may still take all memory or time, and relies on libtorch being free of bugs: it is a check, not a sandbox.
/// </summary>
internal static partial class ScriptArchive
{
    private const int MaxSourceBytes = 1 << 26;

    /// <summary>Whether a zip archive is TorchScript.</summary>
    public static bool Recognises(FileStream stream) => ZipRecords.Read(stream).Keys.Any(IsOfScript);

    /// <summary>
    /// Checks an archive and packs the checked records anew, so that libtorch reads them and not what else might be found in
    /// the file.
    /// </summary>
    /// <exception cref="InvalidDataException">It is damaged, or asks for more than arithmetic.</exception>
    public static byte[] Repack(FileStream stream)
    {
        if (stream.Length > Array.MaxLength / 2) throw Unexpected("a TorchScript archive of at most 1 GiB", $"{stream.Length} bytes");
        var records = ZipRecords.Read(stream);
        using MemoryStream copy = new();
        using (ZipArchive zip = new(copy, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, record) in records)
                if (!name.EndsWith(".debug_pkl", StringComparison.Ordinal)) Copy(name, record, zip);
        return copy.ToArray();
    }

    /// <summary>Whether a record's name is one that <c>torch.jit.save</c> writes and <c>torch.save</c> does not.</summary>
    public static bool IsOfScript(string name) =>
        name.EndsWith("/constants.pkl", StringComparison.Ordinal) || name.Contains("/code/", StringComparison.Ordinal);

    private static void Copy(string name, ZipArchiveEntry record, ZipArchive zip)
    {
        using var source = record.Open();
        using var target = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        if (!name.EndsWith(".py", StringComparison.Ordinal) && !name.EndsWith(".pkl", StringComparison.Ordinal))
        {
            if (name.EndsWith("model.json", StringComparison.Ordinal)) throw Unexpected("TorchScript of PyTorch 1.4 or later", "an older archive");
            source.CopyTo(target);
            return;
        }

        if (record.Length > MaxSourceBytes) throw Unexpected($"at most {MaxSourceBytes} bytes of {Short(name)}", record.Length);
        var bytes = new byte[record.Length];
        source.ReadExactly(bytes);
        Check(name, Encoding.Latin1.GetString(bytes));
        target.Write(bytes);
    }

    /// <summary>Source is checked for what it calls; pickles for classes in C++, whose state they would restore.</summary>
    private static void Check(string name, string text)
    {
        var found = (name.EndsWith(".py", StringComparison.Ordinal) ? Forbidden() : ForbiddenClass()).Match(text);
        if (found.Success) throw Unexpected("TorchScript that only computes", $"'{Short(found.Value)}' in {Short(name)}");
    }

    // Between two tokens TorchScript skips white space, line continuations and comments. getattr, which reaches layers with
    // a number for a name, could spell the others: it is allowed as PyTorch writes it, with a plain literal.
    private const string Skip = @"(?:[\s\\]|\#[^\n]*(?:\n|$))*";

    [GeneratedRegex($@"\b(?:save|from_file)\b|\bgetattr\b(?!\((?:[\w.]+|getattr\([\w.]+, ""\w+""\)), ""\w+""\))|\btorch{Skip}\.{Skip}classes\b|(?<![.\w])ops{Skip}\.{Skip}(?!(?:prim|aten)\b)")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"torch\.classes")]
    private static partial Regex ForbiddenClass();
}
