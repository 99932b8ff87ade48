using Isotope.Networks.Checkpoints;
using Isotope.Pickles;
using static Isotope.Tests.Networks.Checkpoints.HostileFiles;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>What people save beside weights, and around them: Python objects stay inert, and the weights are found.</summary>
public sealed class PeoplesCheckpointTests
{
    private static readonly byte[] One = [(byte)Opcode.Int1, 1, (byte)Opcode.Tuple1];

    public static TheoryData<string, byte[], string, string> Kinds =>
        new()
        {
            { "state dict", Dictionary(("w", Tensor("0"))), "", "w" },
            { "under a key", Dictionary(("weights", Dictionary(("w", Tensor("0"))))), "weights", "w" },
            { "in a tuple", [.. Dictionary(("w", Tensor("0"))), (byte)Opcode.None, (byte)Opcode.Tuple2], "0", "w" },
            {
                "argparse.Namespace",
                Dictionary(("args", Object("argparse", "Namespace", ("lr", One))), ("model", Dictionary(("w", Tensor("0"))))),
                "model",
                "w"
            },
            {
                "NumPy scalar",
                Dictionary(("best", [.. Global("numpy.core.multiarray", "scalar"), .. One, (byte)Opcode.Reduce]), ("w", Tensor("0"))),
                "",
                "w"
            },
            { "a kind of dictionary", SetItems(Object("lightning", "AttributeDict"), ("w", Tensor("0"))), "", "w" },
            {
                "whole model",
                Object(
                    "models",
                    "Net",
                    ("_parameters", Dictionary(("w", Tensor("0")))),
                    ("_buffers", Dictionary(("mean", Tensor("1")))),
                    ("_modules", Dictionary(("fc", Object("torch.nn", "Linear", ("_parameters", Dictionary(("weight", Tensor("2"))))))))
                ),
                "",
                "w mean fc.weight"
            },
            { "in an object", Object("fastai", "Learner", ("model", Dictionary(("w", Tensor("0"))))), "model", "w" },
            {
                "the usual key first",
                Dictionary(("average", Dictionary(("v", Tensor("0")))), ("state_dict", Dictionary(("w", Tensor("1"))))),
                "state_dict",
                "w"
            },
        };

    [Theory, MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void LoadWeights_AsPeopleSave_FindsThem(string kind, byte[] pickle, string place, string names)
    {
        using var weights = Load(pickle);
        Assert.Equal((place, names), (weights.Place, string.Join(' ', weights.Names)));
        Assert.NotEmpty(kind);
    }

    [Fact]
    public void LoadWeights_KeyOrPrefixAskedFor_IsTaken()
    {
        var pickle = Dictionary(("a", Dictionary(("net.w", Tensor("0")), ("loss.w", Tensor("1")))), ("b", Dictionary(("w", Tensor("2")))));
        Assert.Equal(["w"], Names("b"));
        Assert.Equal(["net.w", "loss.w"], Names("a"));
        Assert.Equal(["w"], Names("a.net"));
        Assert.Contains("#a, #b", Assert.Throws<InvalidDataException>(() => Names("c")).Message);

        string[] Names(string part)
        {
            using var weights = Load(pickle, part);
            return [.. weights.Names];
        }
    }

    [Fact]
    public void LoadWeights_QuantisedTensor_IsNamed()
    {
        byte[] quantised = [.. Global("torch._utils", "_rebuild_qtensor"), .. One, (byte)Opcode.Reduce];
        using var weights = Load(Dictionary(("w", Tensor("0")), ("q", quantised)));
        Assert.Equal([new("q", "torch._utils._rebuild_qtensor")], weights.NotRead);
        Assert.Contains("'q' stored as", Assert.Throws<InvalidDataException>(() => Load(Dictionary(("q", quantised)))).Message);
    }

    [Fact]
    public void LoadWeights_ModuleThatContainsItself_EndsInARefusal()
    {
        byte[] self = [(byte)Opcode.Get1, 9];
        byte[] module =
        [
            .. Global("models", "Net"),
            (byte)Opcode.EmptyTuple,
            (byte)Opcode.NewObj,
            (byte)Opcode.Put1,
            9,
            .. Dictionary(("_modules", Dictionary(("inner", self)))),
            (byte)Opcode.Build,
        ];
        Assert.Contains("modules at most", Assert.Throws<InvalidDataException>(() => Load(module)).Message);
    }

    private static StateDict Load(byte[] pickle, string? part = null)
    {
        using MemoryStream stream = new(Pickle(pickle));
        var root = PickleMachine.Run(stream, PickleGlobals.Find, new StorageTable().Resolve);
        return new TorchObject(root, storage => zeros(storage.Count)).LoadWeights(part);
    }

    private static byte[] Object(string module, string name, params (string Key, byte[] Value)[] state) =>
        [.. Global(module, name), (byte)Opcode.EmptyTuple, (byte)Opcode.NewObj, .. Dictionary(state), (byte)Opcode.Build];

    private static byte[] Dictionary(params (string Key, byte[] Value)[] items) => SetItems([(byte)Opcode.EmptyDict], items);

    private static byte[] SetItems(byte[] target, params (string Key, byte[] Value)[] items) =>
        [.. target, (byte)Opcode.Mark, .. items.SelectMany(item => (byte[])[.. Text(item.Key), .. item.Value]), (byte)Opcode.SetItems];

    /// <summary>A tensor of one number, in a storage of its own.</summary>
    private static byte[] Tensor(string storage) =>
        [
            .. Global("torch._utils", "_rebuild_tensor_v2"),
            (byte)Opcode.Mark,
            (byte)Opcode.Mark,
            .. Text("storage"),
            .. Global("torch", "FloatStorage"),
            .. Text(storage),
            .. Text("cpu"),
            (byte)Opcode.Int1,
            1,
            (byte)Opcode.Tuple,
            (byte)Opcode.PersistentId,
            (byte)Opcode.Int1,
            0,
            .. One,
            .. One,
            (byte)Opcode.False,
            (byte)Opcode.None,
            (byte)Opcode.Tuple,
            (byte)Opcode.Reduce,
        ];
}
