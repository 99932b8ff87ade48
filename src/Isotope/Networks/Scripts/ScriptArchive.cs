using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Isotope.Files;
using Isotope.Networks.Checkpoints;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Scripts;

/// <summary>
/// A look at a TorchScript archive before libtorch gets it. TorchScript is a program: it runs libtorch's operators, never
/// Python. Nearly all of them only compute, but libtorch 2.10 has two that touch files, <c>aten::save</c> (which writes any
/// file that the user may write: tried) and <c>aten::from_file</c> (which maps one), and classes in C++ (<c>torch.classes</c>)
/// and operator families that are not needed to run a classifier; and <c>print</c>, which would put the file's words amid the
/// program's. Archives that mention any of these are refused, and those that are damaged (46,000 mutated ones reached libtorch or
/// were refused, and none ended the process). What is left may still take all memory or time, and libtorch ends the process at a
/// program that is wrong though its checksums are right: it is a check, not a sandbox.
/// </summary>
internal static partial class ScriptArchive
{
    private const int MaxSourceBytes = 1 << 26;
    private const int HeaderBytes = 30,
        NameLengthAt = 26; // of a record's own header in a zip archive

    /// <summary>Whether a zip archive is TorchScript.</summary>
    public static bool Recognises(FileStream stream) => ZipRecords.Read(stream).Keys.Any(IsOfScript);

    /// <summary>The tensors of an archive that <see cref="Repack"/> does not refuse.</summary>
    /// <exception cref="InvalidDataException">It does.</exception>
    public static IReadOnlyList<StoredTensor> Tensors(FileStream stream)
    {
        Repack(stream);
        return [.. ScriptPickles.Read(ZipRecords.Read(stream)).Select(StoredTensor.Of)];
    }

    /// <summary>
    /// Checks an archive and packs the checked records anew, so that libtorch reads them and not what else might be found in
    /// the file.
    /// </summary>
    /// <exception cref="InvalidDataException">It is damaged, or asks for more than arithmetic.</exception>
    public static byte[] Repack(FileStream stream)
    {
        if (stream.Length > Array.MaxLength / 2)
            throw Unexpected("a TorchScript archive of at most 1 GiB", $"{stream.Length} bytes");
        var records = ZipRecords.Read(stream);
        CheckNames(records.Keys, stream);
        ScriptPickles.Read(records);
        using MemoryStream copy = new();
        using (ZipArchive zip = new(copy, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, record) in records)
                if (!name.EndsWith(".debug_pkl", StringComparison.Ordinal))
                    Copy(name, record, zip);
        return copy.ToArray();
    }

    // Damage must be found here, since libtorch ends the process at some of it: what the archive says of a record twice
    // must agree, its name with its own header and (as always) its checksum with its bytes.
    private static void CheckNames(IReadOnlyCollection<string> names, FileStream stream)
    {
        var found = HeaderNames(stream, names.ToHashSet(StringComparer.Ordinal));
        foreach (var name in names.Where(name => !found.Contains(name)))
            throw Unexpected($"a record that calls itself {Printable.Start(name)}", "none: the archive is damaged");
    }

    /// <summary>Those of some names that a local header has.</summary>
    private static HashSet<string> HeaderNames(FileStream stream, HashSet<string> wanted)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        var longest = wanted.Select(Encoding.UTF8.GetByteCount).DefaultIfEmpty().Max();
        var file = new byte[stream.Length];
        stream.Position = 0;
        stream.ReadExactly(file);
        for (
            int at = 0, step;
            (step = file.AsSpan(at).IndexOf("PK\u0003\u0004"u8)) >= 0 && at + step + HeaderBytes <= file.Length;
            at += step + 4
        )
        {
            var header = file.AsSpan(at + step);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(header[NameLengthAt..]);
            if (
                length <= longest
                && HeaderBytes + length <= header.Length
                && Encoding.UTF8.GetString(header.Slice(HeaderBytes, length)) is var name
                && wanted.Contains(name)
            )
                names.Add(name);
        }

        return names;
    }

    /// <summary>Whether a record's name is one that <c>torch.jit.save</c> writes and <c>torch.save</c> does not.</summary>
    public static bool IsOfScript(string name) =>
        name.EndsWith("/constants.pkl", StringComparison.Ordinal) || name.Contains("/code/", StringComparison.Ordinal);

    private static void Copy(string name, ZipArchiveEntry record, ZipArchive zip)
    {
        using var target = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        if (!name.EndsWith(".py", StringComparison.Ordinal) && !name.EndsWith(".pkl", StringComparison.Ordinal))
        {
            if (name.EndsWith("model.json", StringComparison.Ordinal))
                throw Unexpected("TorchScript of PyTorch 1.4 or later", "an older archive");
            using var source = ZipRecords.Open(record);
            source.CopyTo(target);
            return;
        }

        var bytes = ZipRecords.Bytes(record, MaxSourceBytes);
        Check(name, Encoding.Latin1.GetString(bytes));
        target.Write(bytes);
    }

    /// <summary>Source is checked for what it calls; pickles for classes in C++, whose state they would restore.</summary>
    private static void Check(string name, string text)
    {
        var found = (name.EndsWith(".py", StringComparison.Ordinal) ? Forbidden() : ForbiddenClass()).Match(text);
        if (found.Success)
            throw Unexpected("TorchScript that only computes", $"'{Printable.Start(found.Value)}' in {Printable.Start(name)}");
    }

    // Between two tokens TorchScript skips white space, line continuations and comments. getattr, which reaches layers with
    // a number for a name, could spell the others: it is allowed as PyTorch writes it, nested, with plain literals.
    private const string Skip = @"(?:[\s\\]|\#[^\n]*(?:\n|$))*";

    private const string Name = @", ""[^""\\\n]+""\)";
    private const string Literal = $@"\((?:getattr\((?<open>))*[\w.]+(?:{Name}(?<-open>))*{Name}(?(open)(?!))";

    // Operators that do not look whether what they are given fits: with them a program reads and writes where it likes. Those that begin
    // with '_' are torch's own; these tracing and scripting write.
    private const string Internal =
        @"(?!_\w|(?:convolution(?:_mode)?|unwrap_optional|set_item|cast_\w+|softmax|log_softmax|adaptive_avg_pool\dd|weight_norm|shape_as_tensor)\b)";
    private const string Unchecked =
        $@"\b(?:torch|aten){Skip}\.{Skip}_{Internal}|\.{Skip}\w*(?:sparse|nested_tensor|to_dense|_coalesced_|fbgemm|segment_reduce)";

    [GeneratedRegex(
        $@"{Unchecked}|\b(?:save|from_file|[Pp]rint)\b|\bgetattr\b(?!{Literal})|\btorch{Skip}\.{Skip}classes\b|(?<![.\w])ops{Skip}\.{Skip}(?!(?:prim|aten)\b)"
    )]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"torch\.classes")]
    private static partial Regex ForbiddenClass();
}
