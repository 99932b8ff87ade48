using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Isotope.Files;
using Isotope.Networks.Checkpoints;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Scripts;

/// <summary>
/// Checks a TorchScript archive before libtorch sees it. TorchScript is a program: it runs libtorch's operators, never Python. Nearly all
/// of them only compute, but libtorch 2.10 also has <c>aten::save</c> (which, as tried, writes any file that the user may write),
/// <c>aten::from_file</c> (which maps one), <c>print</c> (which would mix the file's words with the program's), classes in C++
/// (<c>torch.classes</c>), and operator families that no classifier needs. Archives that mention any of these are refused, and so are
/// damaged ones (46,000 mutated archives were refused or reached libtorch, and none ended the process). An accepted program may still use
/// up memory or time, and libtorch ends the process at a faulty one with correct checksums. So this is a check, not a sandbox.
/// </summary>
internal static partial class ScriptArchive
{
    public const int MaxSourceBytes = 1 << 26;

    // In a record's local header.
    private const int HeaderBytes = 30;
    private const int NameLengthAt = 26;

    private static ReadOnlySpan<byte> Signature => "PK\u0003\u0004"u8;

    /// <summary>The tensors of an archive, after the checks of <see cref="Repack(FileStream)"/>.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or does more than compute.</exception>
    public static IReadOnlyList<StoredTensor> Tensors(FileStream stream)
    {
        Repack(stream);
        return [.. ScriptPickles.Read(ZipRecords.Read(stream)).Tensors.Select(StoredTensor.Of)];
    }

    /// <summary>Checks an archive as <see cref="Repack(FileStream, Func{string, string, string})"/> does, and changes nothing.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or does more than compute.</exception>
    public static byte[] Repack(FileStream stream) => Repack(stream, static (_, text) => text);

    /// <summary>
    /// Checks an archive and repacks the checked records, so that libtorch reads these and nothing else in the file.
    /// </summary>
    /// <param name="stream">The archive.</param>
    /// <param name="edit">Changes source by the record's name; what it returns is checked.</param>
    /// <exception cref="InvalidDataException">It is damaged, or does more than compute.</exception>
    public static byte[] Repack(FileStream stream, Func<string, string, string> edit)
    {
        if (stream.Length > Array.MaxLength / 2)
            throw Unexpected("a TorchScript archive of at most 1 GiB", $"{stream.Length} bytes");
        var records = ZipRecords.Read(stream);
        CheckNames(records.Keys, stream);
        var folder = ScriptPickles.Read(records).Folder;
        using MemoryStream copy = new();
        using (ZipArchive zip = new(copy, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, record) in records)
                if (!name.EndsWith(".debug_pkl", StringComparison.Ordinal))
                    Copy(name, record, zip, edit);
            if (records.ContainsKey(folder + ScriptOperators.Record))
                throw Unexpected("TorchScript as PyTorch writes it", $"a record {ScriptOperators.Record}");
            using var target = zip.CreateEntry(folder + ScriptOperators.Record, CompressionLevel.NoCompression).Open();
            target.Write(ScriptOperators.Source);
        }
        return copy.ToArray();
    }

    // Damage must be found here, since libtorch ends the process at some of it. A record's name stands in the archive twice and must agree
    // with itself, as its checksum must with its bytes.
    private static void CheckNames(IReadOnlyCollection<string> names, FileStream stream)
    {
        var found = HeaderNames(stream, names.ToHashSet(StringComparer.Ordinal));
        foreach (var name in names.Where(name => !found.Contains(name)))
            throw Unexpected($"a record that calls itself {Printable.Start(name)}", "none: the archive is damaged");
    }

    /// <summary>Those of the wanted names that stand in a local header.</summary>
    private static HashSet<string> HeaderNames(FileStream stream, HashSet<string> wanted)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        var longest = wanted.Select(Encoding.UTF8.GetByteCount).DefaultIfEmpty().Max();
        var file = new byte[stream.Length];
        stream.Position = 0;
        stream.ReadExactly(file);
        for (var at = NextHeader(file, 0); at >= 0; at = NextHeader(file, at + Signature.Length))
        {
            var header = file.AsSpan(at);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(header[NameLengthAt..]);
            if (length > longest || HeaderBytes + length > header.Length)
                continue;
            var name = Encoding.UTF8.GetString(header.Slice(HeaderBytes, length));
            if (wanted.Contains(name))
                names.Add(name);
        }

        return names;
    }

    /// <summary>Where the next whole local header begins; -1 if there is none.</summary>
    private static int NextHeader(byte[] file, int from)
    {
        var step = file.AsSpan(from).IndexOf(Signature);
        return step >= 0 && from + step + HeaderBytes <= file.Length ? from + step : -1;
    }

    private static void Copy(string name, ZipArchiveEntry record, ZipArchive zip, Func<string, string, string> edit)
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
        var text = Encoding.Latin1.GetString(bytes);
        if (name.EndsWith(".py", StringComparison.Ordinal))
            text = edit(name, ScriptOperators.Replace(text));
        Check(name, text);
        target.Write(Encoding.Latin1.GetBytes(text));
    }

    /// <summary>Checks source for what it calls, and pickles for classes in C++, whose state they would restore.</summary>
    private static void Check(string name, string text)
    {
        var forbidden = name.EndsWith(".py", StringComparison.Ordinal) ? Forbidden() : ForbiddenClass();
        var found = forbidden.Match(text);
        if (found.Success)
            throw Unexpected(
                "TorchScript that only computes",
                $"'{Printable.Start(found.Value)}' in {Printable.Start(name)} (docs/export.md says how to export the model otherwise)"
            );
    }

    // TorchScript skips white space, line continuations and comments between two tokens.
    private const string Skip = @"(?:[\s\\]|\#[^\n]*(?:\n|$))*";

    // getattr, which reaches layers whose name is a number, could also spell a forbidden name: it is allowed only as PyTorch writes it,
    // nested and with plain literals.
    private const string Name = @", ""[^""\\\n]+""\)";
    private const string Literal = $@"\((?:getattr\((?<open>))*[\w.]+(?:{Name}(?<-open>))*{Name}(?(open)(?!))";
    private const string Spelled = $@"\bgetattr\b(?!{Literal})";

    // Operators that do not check whether their arguments fit, with which a program reads and writes where it likes. Those whose names
    // begin with '_' are internal to torch; tracing and scripting write the ones listed here.
    private const string Written =
        @"convolution(?:_mode)?|unwrap_optional|set_item|cast_\w+|softmax|log_softmax|adaptive_avg_pool\dd|weight_norm|shape_as_tensor"
        + @"|upsample_nearest_exact\dd";
    private const string Internal = $@"\b(?:torch|aten){Skip}\.{Skip}_(?!_\w|(?:{Written})\b)";
    private const string Sparse = $@"\.{Skip}\w*(?:sparse|nested_tensor|to_dense|_coalesced_|fbgemm|segment_reduce)";

    private const string Effects = @"\b(?:save|from_file|[Pp]rint)\b";
    private const string Classes = $@"\btorch{Skip}\.{Skip}classes\b";
    private const string OtherFamilies = $@"(?<![.\w])ops{Skip}\.{Skip}(?!(?:prim|aten)\b)";

    [GeneratedRegex($"{Internal}|{Sparse}|{Effects}|{Spelled}|{Classes}|{OtherFamilies}")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"torch\.classes")]
    private static partial Regex ForbiddenClass();
}
