using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Isotope.Files;
using Isotope.Networks.Checkpoints;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>What the text of a TorchScript model tells, and what is changed in it so that it can be used here.</summary>
internal sealed partial class ScriptSource
{
    private const string Forward = "  def forward(";
    private static readonly string[] Ends = ["\n  def ", "\nclass ", "\ndef "];
    private readonly string record;
    private readonly string typeName;
    private readonly bool onCpu;
    private IReadOnlyList<string>? inputs;

    private ScriptSource(ScriptContents contents, string record, Device device)
    {
        Contents = contents;
        this.record = record;
        typeName = contents.Type[(contents.Type.LastIndexOf('.') + 1)..];
        onCpu = device.type == TorchSharp.DeviceType.CPU;
    }

    /// <summary>Its tensors.</summary>
    public ScriptContents Contents { get; }

    /// <summary>The device in its source.</summary>
    public string DeviceName => onCpu ? "cpu" : "cuda:0";

    /// <summary>The source of all its parts.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The matrices and vectors among its constants, by the names that the source has for them.</summary>
    public IReadOnlyDictionary<string, Tensor> Constants { get; private set; } = new Dictionary<string, Tensor>();

    /// <summary>Names of the entries that it returns, if it returns a dictionary that its source spells out; else none.</summary>
    public IReadOnlyList<string> Keys { get; private set; } = [];

    /// <summary>Reads the source of an archive; its constants stay in the current dispose scope.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static ScriptSource Read(FileStream stream, Device device)
    {
        var records = ZipRecords.Read(stream);
        var contents = ScriptPickles.Read(records);
        var path = contents.Type.Split('.');
        var source = new ScriptSource(contents, $"{contents.Folder}code/{string.Join('/', path[..^1])}.py", device);
        source.Text = ReadAll(records);
        if (records.TryGetValue(source.record, out var own))
            source.ReadForward(Encoding.Latin1.GetString(ZipRecords.Bytes(own, ScriptArchive.MaxSourceBytes)));
        source.ReadConstants(records);
        return source;
    }

    /// <summary>Refuses a model that takes something else than one tensor.</summary>
    /// <exception cref="IsotopeException">It does.</exception>
    public void RequireOneInput(string path)
    {
        if (inputs is not (null or [_]) || inputs?[0].EndsWith(": Tensor", StringComparison.Ordinal) is false)
            throw Refused(
                path,
                "TorchScript that takes one tensor, the images",
                $"{inputs.Count} inputs: {Printable.Start(string.Join(", ", inputs))}; export it with the others as constants "
                    + "(docs/export.md)"
            );
    }

    /// <summary>
    /// The source of a record, for libtorch: with this device in place of GPUs, and the values of a dictionary in place of it, since
    /// TorchSharp returns no dictionaries.
    /// </summary>
    public string Edit(string name, string text)
    {
        if (onCpu)
            text = GpuCall().Replace(GpuDevice().Replace(text, "torch.device(\"cpu\")"), "torch.cpu(");
        if (name != record || ForwardOf(text) is not { } forward)
            return text;
        var signature = "-> Dict[str, Tensor]:";
        var body = text[forward];
        if (!body.Contains(signature, StringComparison.Ordinal))
            return text;
        body = Return()
            .Replace(body.Replace(signature, "-> List[Tensor]:", StringComparison.Ordinal), "${indent}return torch.values(${value})");
        return string.Concat(text.AsSpan(0, forward.Start.Value), body, text.AsSpan(forward.End.Value));
    }

    private static string ReadAll(Dictionary<string, ZipArchiveEntry> records)
    {
        StringBuilder text = new();
        foreach (var (name, entry) in records)
            if (name.EndsWith(".py", StringComparison.Ordinal))
                text.Append(Encoding.Latin1.GetString(ZipRecords.Bytes(entry, ScriptArchive.MaxSourceBytes - text.Length)));
        return text.ToString();
    }

    private void ReadForward(string text)
    {
        if (ForwardOf(text) is not { } forward)
            return;
        var body = text[forward];
        var end = body.IndexOf(") ->", StringComparison.Ordinal);
        if (end < 0)
            return;
        inputs = [.. Input().Split(body[..end]).Skip(1).Select(input => input.Trim()).Where(input => !input.Contains('='))];
        if (body.Contains("-> Dict[str, Tensor]:", StringComparison.Ordinal))
            Keys = [.. Key().Matches(body).Select(match => match.Groups["key"].Value).Distinct()];
    }

    /// <summary>Where the model's own forward stands in its record; null if it is not there.</summary>
    private Range? ForwardOf(string text)
    {
        var type = text.IndexOf($"class {typeName}(Module):", StringComparison.Ordinal);
        var start = type < 0 ? -1 : text.IndexOf(Forward, type, StringComparison.Ordinal);
        var next = type < 0 ? -1 : text.IndexOf("\nclass ", type, StringComparison.Ordinal);
        if (start < 0 || (next >= 0 && next < start))
            return null;
        var end = Ends.Select(mark => text.IndexOf(mark, start, StringComparison.Ordinal))
            .Where(at => at >= 0)
            .DefaultIfEmpty(text.Length)
            .Min();
        return start..end;
    }

    private void ReadConstants(Dictionary<string, ZipArchiveEntry> records)
    {
        Dictionary<string, Tensor> constants = [];
        Dictionary<string, Tensor> storages = [];
        foreach (var (i, constant) in Contents.Constants.Index())
            if (constant is { Size.Length: 1 or 2 or 4, Storage.Element.Type: ScalarType.Float32 } && IsLayer(constant.Size))
            {
                if (!storages.TryGetValue(constant.Storage.Key, out var all))
                    storages.Add(constant.Storage.Key, all = ReadStorage(constant.Storage, records));
                constants[$"CONSTANTS.c{i}"] = all.as_strided(constant.Size, constant.Stride, constant.Offset);
            }
        Constants = constants;
    }

    private Tensor ReadStorage(StorageReference storage, Dictionary<string, ZipArchiveEntry> records)
    {
        using var stream = ZipRecords.Open(records[$"{Contents.Folder}constants/{storage.Key}"]);
        return TensorBytes.Read(stream, storage.Element, storage.Count);
    }

    // Matrices, vectors and 1 × 1 convolutions.
    private static bool IsLayer(long[] size) => size is not [_, _, _, _] || size is [_, _, 1, 1];

    // A comma that is in no brackets, as far as the types of tensors go.
    [GeneratedRegex(@",(?![^\[\]]*\])")]
    private static partial Regex Input();

    [GeneratedRegex(@"torch\.device\(""cuda(?::\d+)?""\)")]
    private static partial Regex GpuDevice();

    [GeneratedRegex(@"\btorch\.cuda\(")]
    private static partial Regex GpuCall();

    [GeneratedRegex(@"(?<indent>\n +)return (?<value>[^\n]+)")]
    private static partial Regex Return();

    [GeneratedRegex(@"""(?<key>[^""\\\n]+)"": |\(\w+, ""(?<key>[^""\\\n]+)"", ")]
    private static partial Regex Key();
}
