using System.Runtime.InteropServices;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Tests.Runs;

public sealed class MemoryShortageTests
{
    [Fact]
    public void Halving_OfBatchesThatDoNotFit_GivesTheSameInOrder()
    {
        var sizes = new List<int>();
        var parts = MemoryShortage.Halving(
            Enumerable.Range(0, 64).ToArray(),
            items =>
            {
                sizes.Add(items.Count);
                return items.Count > 10 ? throw new Fault("[enforce fail] DefaultCPUAllocator: can't allocate memory") : items;
            }
        );
        Assert.Equal(Enumerable.Range(0, 64), parts.SelectMany(part => part));
        Assert.Equal([64, 32, 16, 8, 8], sizes.Take(5));
    }

    [Fact]
    public void Halving_OneItemThatDoesNotFitOrAnotherFault_IsThrown()
    {
        Assert.Throws<Fault>(() =>
            MemoryShortage.Halving<int, int>([1, 2], _ => throw new Fault("DefaultCPUAllocator: can't allocate memory"))
        );
        var calls = 0;
        Assert.Throws<Fault>(() => MemoryShortage.Halving<int, int>([1, 2], _ => ++calls > 0 ? throw new Fault("shapes differ") : 0));
        Assert.Equal(1, calls);
    }

    [Fact]
    public void Is_WhatLibtorchThrowsWhereMemoryIsShort_IsRecognised()
    {
        var error = Assert.ThrowsAny<ExternalException>(() => empty([1L << 45]));
        Assert.True(MemoryShortage.Is(error), error.Message);
    }

    private sealed class Fault(string message) : ExternalException(message);
}
