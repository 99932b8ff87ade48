using Isotope.Evidence;
using Isotope.Networks.BlackBoxes;
using Isotope.Tests.Networks.Foreign;

namespace Isotope.Tests.Evidence;

public sealed class AskedModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Open_NetworkOfOtherClasses_IsRefusedWithBothNumbers()
    {
        var path = ForeignFiles.PathOf("gemm.onnx");
        var message = Assert.Throws<IsotopeException>(() => new AskedNetwork(path).Open(7, new TestEnvironment())).Message;
        Assert.Equal($"{path}: expected a network of 7 classes, as the images have, found 10", message);
    }

    /// <summary>A black-box test needs outputs and nothing else.</summary>
    [Fact]
    public void Open_NetworkWithoutLinearClassifier_AnswersWithItsOutputs()
    {
        var path = ForeignFiles.Write(folder, OnnxKinds.Headless["rectified logits"].Change);
        using var model = new AskedNetwork(path).Open(10, new TestEnvironment()).Model;
        AssertProbabilities(model);
    }

    /// <summary>Sigmoids are probabilities too, whatever their sum.</summary>
    [Theory]
    [InlineData("softmax")]
    [InlineData("sigmoid")]
    public void Open_NetworkThatEndsInProbabilities_AnswersWithThem(string kind)
    {
        var path = ForeignFiles.Write(folder, OnnxKinds.Probable[kind]);
        using var model = new AskedNetwork(path).Open(10, new TestEnvironment()).Model;
        AssertProbabilities(model);
    }

    private void AssertProbabilities(BlackBox model)
    {
        var images = Fixtures.WriteFolder(folder.File("images")).Images;
        Assert.All(model.Ask(images), answer => Assert.Equal(1, answer.Probabilities!.Sum(), 1e-9));
    }

    public void Dispose() => folder.Dispose();
}
