using System.Diagnostics;
using Isotope.Networks.Checkpoints;
using Isotope.Pickles;
using static Isotope.Tests.Networks.Checkpoints.HostileFiles;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>Pickles of inert objects and modules that would take all memory or time.</summary>
public sealed class HostileModelTests
{
    private static readonly byte[] LongTuple =
    [
        (byte)Opcode.Mark,
        .. Enumerable.Repeat((byte)Opcode.None, 500_000),
        (byte)Opcode.Tuple,
        (byte)Opcode.Put1,
        0,
    ];

    [Fact]
    public void Run_LongTupleGivenAgainAndAgain_IsRefused()
    {
        byte[] call = [(byte)Opcode.Get1, 1, (byte)Opcode.Get1, 0, (byte)Opcode.Reduce];
        var pickle = Pickle(
            LongTuple,
            Global("x", "Y"),
            Opcode.EmptyTuple,
            Opcode.Reduce,
            new[] { (byte)Opcode.Put1, (byte)1 },
            Opcode.Mark,
            Enumerable.Repeat(call, 100).SelectMany(bytes => bytes).ToArray()
        );
        Assert.Contains("a pickle of at most", Refusal(pickle));
    }

    [Fact]
    public void Run_LongTupleForManyObjects_IsNotCopied()
    {
        byte[] make = [(byte)Opcode.Get1, 1, (byte)Opcode.Get1, 0, (byte)Opcode.NewObj];
        var pickle = Pickle(
            LongTuple,
            Global("x", "Y"),
            new[] { (byte)Opcode.Put1, (byte)1 },
            Opcode.Mark,
            Enumerable.Repeat(make, 200).SelectMany(bytes => bytes).ToArray(),
            Opcode.List
        );
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(pickle);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000); // copies would take 800 MB
    }

    [Fact]
    public void In_ModulesTwiceInEachOther_EndsInARefusal()
    {
        byte[] pickle = [.. Module([])];
        for (byte i = 1; i < 60; i++)
            pickle =
            [
                .. pickle,
                (byte)Opcode.Put1,
                i,
                (byte)Opcode.Pop,
                .. Module([.. Text("a"), (byte)Opcode.Get1, i, .. Text("b"), (byte)Opcode.Get1, i]),
            ];
        var clock = Stopwatch.StartNew();
        var root = Run(Pickle(pickle));
        Assert.Contains("named values", Assert.Throws<InvalidDataException>(() => StoredWeights.In(root)).Message);
        Assert.True(clock.Elapsed.TotalMinutes < 1);
    }

    private static byte[] Module(byte[] inner) =>
        [
            .. Global("m", "M"),
            (byte)Opcode.EmptyTuple,
            (byte)Opcode.NewObj,
            (byte)Opcode.EmptyDict,
            .. Text("_modules"),
            (byte)Opcode.EmptyDict,
            (byte)Opcode.Mark,
            .. inner,
            (byte)Opcode.SetItems,
            (byte)Opcode.SetItem,
            (byte)Opcode.Build,
        ];

    private static object? Run(byte[] pickle)
    {
        using MemoryStream stream = new(pickle);
        return PickleMachine.Run(stream, PickleGlobals.Find, new StorageTable().Resolve);
    }

    private static string Refusal(byte[] pickle) => Assert.Throws<InvalidDataException>(() => Run(pickle)).Message;
}
