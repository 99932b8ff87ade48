using System.Reflection;

namespace Isotope.Tests.Numerics;

/// <summary>
/// If the garbage collector frees a number while libtorch reads it, a result is silently wrong or the process dies: now and then, on busy
/// machines.
/// </summary>
public sealed class TemporaryNumberTests
{
    [Fact]
    public void Library_PassesNoTemporaryNumbers() => Assert.Equal("", TemporaryNumbers.CallsIn(typeof(IsotopeException).Assembly));

    /// <summary>Except to TorchSharp's own SGD, with which ours is compared.</summary>
    [Fact]
    public void Tests_PassNoTemporaryNumbers() =>
        Assert.Equal(
            "Isotope.Tests.Training.SgdTests.Step_AnyOptions_MovesAsTorchsOwn calls TorchSharp.torch+optim.SGD",
            TemporaryNumbers.CallsIn(Assembly.GetExecutingAssembly())
        );
}
