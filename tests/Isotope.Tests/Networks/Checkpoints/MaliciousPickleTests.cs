using System.Text;
using Isotope.Networks.Checkpoints;
using Isotope.Pickles;
using static Isotope.Tests.Networks.Checkpoints.HostileFiles;

namespace Isotope.Tests.Networks.Checkpoints;

public sealed class MaliciousPickleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Marker => folder.File("was-run");

    private byte[] Command => [.. Text($"touch {Marker}"), (byte)Opcode.Tuple1];

    public static TheoryData<string, string> Attacks =>
        new()
        {
            { "global", "found an object of os.system without any" },
            { "stack global", "found an object of posix.system without any" },
            { "inst", "found an object of os.system without any" },
            { "obj", "the pickle asks for an object of collections.OrderedDict, which data has no need of; refused, nothing was run" },
            { "newobj", "the pickle asks for an object of collections.OrderedDict, which" },
            { "newobj ex", "the pickle asks for an object of collections.OrderedDict, which" },
            { "ext1", "the pickle asks for the instruction Ext1 (0x82), which" },
            { "ext4", "the pickle asks for the instruction Ext4 (0x84), which" },
            { "protocol 0 integer", "the pickle asks for the instruction 0x49, which" },
            { "eval", "found an object of builtins.eval without any" },
            { "dotted", "found torch._utils._rebuild_tensor.__globals__ without any" },
            { "torch function", "found an object of torch.hub.load without any" },
            { "call a class", "the pickle asks for a call of torch.FloatStorage, which" },
            { "call a text", "the pickle asks for a call of the text 'os.system', which" },
            { "build on a function", "expected a dictionary to give attributes to in the pickle, found torch._utils._rebuild_tensor_v2" },
            { "build with a tuple", "found a dictionary without any" },
            { "beside the weights", "found a dictionary without any" },
        };

    private byte[] Attack(string name) =>
        name switch
        {
            "global" => Pickle(Global("os", "system"), Command, Opcode.Reduce),
            "stack global" => Pickle(Text("posix"), Text("system"), Opcode.StackGlobal, Command, Opcode.Reduce),
            "inst" => Pickle(Opcode.Mark, Text($"touch {Marker}"), Opcode.Inst, "os\nsystem\n"),
            "obj" => Pickle(Opcode.Mark, Global("collections", "OrderedDict"), Text($"touch {Marker}"), Opcode.Obj),
            "newobj" => Pickle(Global("collections", "OrderedDict"), Command, Opcode.NewObj),
            "newobj ex" => Pickle(Global("collections", "OrderedDict"), Command, Opcode.EmptyDict, Opcode.NewObjEx),
            "ext1" => Pickle(Opcode.Ext1, new byte[] { 1 }),
            "ext4" => Pickle(Opcode.Ext4, UInt32(1)),
            "protocol 0 integer" => Pickle("I1\n"),
            "eval" => Pickle(Global("builtins", "eval"), Command, Opcode.Reduce),
            "dotted" => Pickle(Text("torch._utils"), Text("_rebuild_tensor.__globals__"), Opcode.StackGlobal),
            "torch function" => Pickle(Global("torch.hub", "load"), Command, Opcode.Reduce),
            "call a class" => Pickle(Global("torch", "FloatStorage"), Command, Opcode.Reduce),
            "call a text" => Pickle(Text("os.system"), Command, Opcode.Reduce),
            "build on a function" => Pickle(
                Global("torch._utils", "_rebuild_tensor_v2"),
                Opcode.EmptyDict,
                Text("__reduce__"),
                Text("os.system"),
                Opcode.SetItem,
                Opcode.Build
            ),
            "build with a tuple" => Pickle(Opcode.EmptyDict, Command, Opcode.Build),
            "beside the weights" => Pickle(
                Opcode.EmptyDict,
                Text("optimizer"),
                Global("os", "system"),
                Command,
                Opcode.Reduce,
                Opcode.SetItem
            ),
            _ => throw new ArgumentException(name),
        };

    [Theory, MemberData(nameof(Attacks))]
    public void Load_PickleThatWantsToRun_RunsNothingAndIsNoStateDict(string attack, string expected)
    {
        Assert.Contains(expected, Refusal(Zip(Attack(attack))));
        Assert.Contains(expected, Refusal(Legacy(Attack(attack))));
        Assert.False(File.Exists(Marker));
    }

    [Fact]
    public void Load_NameWithControlCharacters_PrintsOnOneLine() =>
        Assert.Contains("found o s .system without any", Refusal(Zip(Pickle(Text("o\u001bs\n"), Text("system"), Opcode.StackGlobal))));

    public static TheoryData<string, byte[], string> Bombs =>
        new()
        {
            { "long text", Pickle(Opcode.Unicode, UInt32(0x7fffffff)), "expected 2147483647 more bytes of pickle, found 1" },
            {
                "longer text",
                Pickle(Opcode.Unicode8, UInt64(ulong.MaxValue)),
                "expected 18446744073709551615 more bytes of pickle, found 1"
            },
            { "long bytes", Pickle(Opcode.Bytes, UInt32(uint.MaxValue)), "expected 4294967295 more bytes of pickle, found 1" },
            {
                "long integer",
                Pickle(Opcode.Long4, UInt32(uint.MaxValue)),
                "expected an integer of at most 1024 bytes in the pickle, found 4294967295"
            },
            {
                "long name",
                Pickle(Opcode.Global, new string('a', 4000)),
                "expected a name of at most 512 bytes in the pickle, found a longer one"
            },
            { "not text", Pickle(Opcode.ShortUnicode, new byte[] { 1, 0xff }), "expected text in UTF-8 in the pickle, found other bytes" },
            { "marks", Pickle(new string('(', 1_100_000)), "expected a pickle at most 1000000 marks deep, found a deeper one" },
            { "stack", Pickle(new string('N', 1_100_000)), "expected a pickle at most 1000000 items deep, found a deeper one" },
            { "memo", Pickle(Opcode.Get4, UInt32(7)), "expected item 7 in the pickle's memo, found none" },
            {
                "underflow",
                Pickle(Opcode.Tuple3),
                "expected a well-formed pickle, found an instruction that takes more than the stack holds"
            },
            {
                "past a mark",
                Pickle(Opcode.None, Opcode.Mark, Opcode.Tuple1),
                "expected a well-formed pickle, found an instruction that takes more than the stack holds"
            },
            {
                "no mark",
                Pickle(Opcode.None, Opcode.Tuple),
                "expected a well-formed pickle, found an instruction that wants a mark without one"
            },
            {
                "odd items",
                Pickle(Opcode.EmptyDict, Opcode.Mark, Opcode.None, Opcode.SetItems),
                "expected a value for each key of a dictionary in the pickle, found one without"
            },
            { "protocol", [0x80, 9, (byte)'.'], "expected a pickle of protocol 2 to 5, found 9" },
        };

    [Theory, MemberData(nameof(Bombs), DisableDiscoveryEnumeration = true)]
    public void Load_PickleThatWantsMemory_IsRefused(string name, byte[] pickle, string expected) =>
        Assert.True(Refusal(Zip(pickle)).Contains(expected, StringComparison.Ordinal), name + ": " + Refusal(Zip(pickle)));

    [Fact]
    public void Load_NestedAMillionDeep_IsJustNoStateDict()
    {
        string nested = string.Concat(Enumerable.Repeat("\u0085", 1_000_000));
        Assert.Contains("found a tuple", Refusal(Zip(Pickle(Opcode.EmptyTuple, Encoding.Latin1.GetBytes(nested)))));
    }

    [Fact]
    public void Load_ListsOfListsThatDouble_TakeNoMemory()
    {
        IEnumerable<object> doubling = Enumerable
            .Range(0, 200)
            .SelectMany(i => new object[] { Opcode.Put1, new[] { (byte)i }, Opcode.Get1, new[] { (byte)i }, Opcode.Tuple2 });
        Assert.Contains("found a tuple", Refusal(Zip(Pickle([Opcode.EmptyTuple, .. doubling]))));
    }

    [Fact]
    public void Load_DictionaryThatContainsItself_EndsInARefusal() =>
        Assert.Contains(
            "found a dictionary without any",
            Refusal(
                Zip(Pickle(Opcode.EmptyDict, Opcode.Put1, new byte[] { 0 }, Text("model"), Opcode.Get1, new byte[] { 0 }, Opcode.SetItem))
            )
        );

    [Fact]
    public void Load_OneListMadeADictionaryForever_RunsOutOfSteps()
    {
        byte[] pair = [(byte)Opcode.Get1, 0];
        byte[] list =
        [
            (byte)Opcode.None,
            (byte)Opcode.None,
            (byte)Opcode.Tuple2,
            (byte)Opcode.Put1,
            0,
            (byte)Opcode.Mark,
            .. Enumerable.Repeat(pair, 100_000).SelectMany(p => p),
            (byte)Opcode.List,
            (byte)Opcode.Put1,
            1,
        ];
        byte[] copy =
        [
            .. Global("collections", "OrderedDict"),
            (byte)Opcode.Get1,
            1,
            (byte)Opcode.Tuple1,
            (byte)Opcode.Reduce,
            (byte)Opcode.Pop,
        ];
        Assert.Contains(
            "expected a pickle of at most 10000000 steps",
            Refusal(Zip(Pickle(list, Enumerable.Repeat(copy, 1000).SelectMany(c => c).ToArray())))
        );
    }

    private string Refusal(byte[] file)
    {
        string path = folder.Write("evil.pth", file);
        IsotopeException e = Assert.Throws<IsotopeException>(() => Checkpoint.Load(path));
        Assert.StartsWith(path + ": ", e.Message);
        Assert.DoesNotContain(e.Message, char.IsControl);
        return e.Message;
    }

    public void Dispose() => folder.Dispose();
}
