using System.Reflection;

namespace Isotope.Tests;

/// <summary>A number that the collector frees while torch reads it makes a result silently wrong, or ends the process: now and then, on busy machines.</summary>
public sealed class TemporaryNumberTests
{
    [Fact]
    public void Library_HandsTorchNone() => Assert.Equal("", TemporaryNumbers.CallsIn(typeof(IsotopeException).Assembly));

    [Fact]
    public void Tests_HandTorchNone() => Assert.Equal("", TemporaryNumbers.CallsIn(Assembly.GetExecutingAssembly()));
}
