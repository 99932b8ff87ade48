using System.IO.Compression;
using System.Text;
using Isotope.Pickles;
using static Isotope.Tests.Networks.Checkpoints.HostileFiles;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>Changes of traced.pt into what PyTorch writes of the same classifier in other forms, or of other ones.</summary>
internal static class ScriptKinds
{
    private const string Record = "archive/code/__torch__.py",
        Logits = "(head).forward(input0, )";

    /// <summary>What the model returns, and its type, instead of logits. Each has the classifier of traced.pt.</summary>
    public static readonly IReadOnlyDictionary<string, (string Returned, string Type)> Same = new Dictionary<string, (string, string)>
    {
        ["logits"] = (Logits, "Tensor"),
        ["scaled logits"] = ($"torch.mul({Logits}, 3.5)", "Tensor"),
        ["softmax"] = ($"torch.softmax({Logits}, 1)", "Tensor"),
        ["softmax at a temperature"] = ($"torch.softmax(torch.div({Logits}, 1.7), 1)", "Tensor"),
        ["log softmax"] = ($"torch.log_softmax({Logits}, 1)", "Tensor"),
        ["sigmoid"] = ($"torch.sigmoid({Logits})", "Tensor"),
        ["features, logits"] = ($"(input0, {Logits})", "Tuple[Tensor, Tensor]"),
        ["logits, label"] = ($"({Logits}, torch.argmax({Logits}, 1))", "Tuple[Tensor, Tensor]"),
        ["logits, probabilities, nested"] = (
            $"({Logits}, (torch.softmax(torch.div({Logits}, 2.0), 1), None))",
            "Tuple[Tensor, Tuple[Tensor, Optional[Tensor]]]"
        ),
        ["a list"] = ($"[{Logits}, torch.softmax({Logits}, 1)]", "List[Tensor]"),
        ["a dictionary"] = ($"{{\"logits\": {Logits}}}", "Dict[str, Tensor]"),
        ["a dictionary with features"] = ($"{{\"features\": input0, \"logits\": {Logits}}}", "Dict[str, Tensor]"),
        ["a constant on a GPU"] = (
            $"torch.add({Logits}, torch.zeros([1], dtype=None, layout=None, device=torch.device(\"cuda:0\")))",
            "Tensor"
        ),
    };

    /// <summary>What models return that can't be read, its type, and what the refusal says.</summary>
    public static readonly IReadOnlyDictionary<string, (string Returned, string Type, string Refusal)> Unfit = new Dictionary<
        string,
        (string, string, string)
    >
    {
        ["two classifiers"] = (
            $"({Logits}, torch.mul(torch.flip({Logits}, [1]), {Logits}))",
            "Tuple[Tensor, Tensor]",
            "or its place as FILE#/PLACE, found 0 [4 × 10] Float32, 1 [4 × 10] Float32"
        ),
        ["two classifiers by name"] = (
            $"{{\"main\": {Logits}, \"aux\": torch.flip({Logits}, [1])}}",
            "Dict[str, Tensor]",
            "found main [4 × 10] Float32, aux [4 × 10] Float32"
        ),
        ["one number per image"] = ($"torch.slice({Logits}, 1, 0, 1)", "Tensor", "expected TorchScript that returns N × C numbers"),
        ["batch statistics"] = ($"torch.sub({Logits}, torch.mean({Logits}, [0]))", "Tensor", "training mode; call model.eval()"),
        ["dropout that drops"] = ($"torch.dropout({Logits}, 0.5, True)", "Tensor", "training mode; call model.eval()"),
    };

    /// <summary>A copy of traced.pt that returns something else.</summary>
    public static string Write(
        TemporaryFolder folder,
        (string Returned, string Type) form,
        byte[]? constants = null,
        byte[][]? storages = null
    ) =>
        Edit(
            folder,
            source =>
                source
                    .Replace($"return {Logits}", $"return {form.Returned}", StringComparison.Ordinal)
                    .Replace("x: Tensor) -> Tensor:", $"x: Tensor) -> {form.Type}:", StringComparison.Ordinal),
            constants,
            storages
        );

    /// <summary>A copy of traced.pt whose model has other source, and perhaps constants.</summary>
    public static string Edit(TemporaryFolder folder, Func<string, string> edit, byte[]? constants = null, byte[][]? storages = null)
    {
        using ZipArchive source = new(File.OpenRead(ForeignFiles.PathOf("traced.pt")));
        using MemoryStream copy = new();
        using (ZipArchive target = new(copy, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var record in source.Entries)
            {
                using MemoryStream content = new();
                using (var from = record.Open())
                    from.CopyTo(content);
                var bytes = content.ToArray();
                if (record.FullName == Record)
                    bytes = Encoding.Latin1.GetBytes(edit(Encoding.Latin1.GetString(bytes)));
                if (record.FullName == "archive/constants.pkl" && constants is not null)
                    bytes = constants;
                Add(target, record.FullName, bytes);
            }

            foreach (var (i, storage) in (storages ?? []).Index())
                Add(target, $"archive/constants/{i}", storage);
        }

        return folder.Write("model.pt", copy.ToArray());
    }

    /// <summary>A copy of traced.pt whose classifier is two constants, as in a frozen model.</summary>
    /// <param name="folder">Where to write it.</param>
    /// <param name="returned">What it returns, by the names CONSTANTS.c0, C × d, and CONSTANTS.c1.</param>
    /// <param name="weight">W in row-major order.</param>
    /// <param name="bias">b.</param>
    public static string WriteFrozen(TemporaryFolder folder, string returned, float[] weight, float[] bias)
    {
        var columns = weight.Length / bias.Length;
        var constants = Pickle(
            Opcode.Mark,
            Tensor("0", [bias.Length, columns], [columns, 1]),
            Tensor("1", [bias.Length], [1]),
            Opcode.Tuple
        );
        return Write(folder, (returned, "Tensor"), constants, [Bytes(weight), Bytes(bias)]);
    }

    private static byte[] Tensor(string storage, long[] size, long[] stride) =>
        Inner(
            Pickle(
                Global("torch._utils", "_rebuild_tensor_v2"),
                Opcode.Mark,
                Opcode.Mark,
                Text("storage"),
                Global("torch", "FloatStorage"),
                Text(storage),
                Text("cpu"),
                Integer(size.Aggregate((a, b) => a * b)),
                Opcode.Tuple,
                Opcode.PersistentId,
                Integer(0),
                Tuple(size),
                Tuple(stride),
                Opcode.False,
                Opcode.EmptyDict,
                Opcode.Tuple,
                Opcode.Reduce
            )
        );

    private static byte[] Bytes(float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static void Add(ZipArchive archive, string name, byte[] bytes)
    {
        using var record = archive.CreateEntry(name).Open();
        record.Write(bytes);
    }
}
