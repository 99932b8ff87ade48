using System.Reflection;
using Isotope.Tests.Numerics;

namespace Isotope.Cli.Tests;

/// <summary>Like the library's test of the same name.</summary>
public sealed class TemporaryNumberTests
{
    [Fact]
    public void Program_HandsTorchNone() => Assert.Equal("", TemporaryNumbers.CallsIn(typeof(CommandLine).Assembly));

    [Fact]
    public void Tests_HandTorchNone() => Assert.Equal("", TemporaryNumbers.CallsIn(Assembly.GetExecutingAssembly()));
}
