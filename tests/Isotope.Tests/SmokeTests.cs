using TorchSharp;

namespace Isotope.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Torch_Loads_Adds() => Assert.Equal(2f, torch.ones(2).sum().item<float>());
}
