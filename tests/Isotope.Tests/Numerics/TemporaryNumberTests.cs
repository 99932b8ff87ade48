using System.Reflection;

namespace Isotope.Tests.Numerics;

/// <summary>
/// A number that the collector frees while torch reads it makes a result silently wrong, or ends the process: now and then, on busy
/// machines.
/// </summary>
public sealed class TemporaryNumberTests
{
    [Fact]
    public void Library_HandsTorchNone() => Assert.Equal("", TemporaryNumbers.CallsIn(typeof(IsotopeException).Assembly));

    /// <summary>But for torch's own SGD, which ours is compared with.</summary>
    [Fact]
    public void Tests_HandTorchNone() =>
        Assert.Equal(
            "Isotope.Tests.Training.SgdTests.Step_AnyOptions_MovesAsTorchsOwn calls TorchSharp.torch+optim.SGD",
            TemporaryNumbers.CallsIn(Assembly.GetExecutingAssembly())
        );
}
