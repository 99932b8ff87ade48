using CsCheck;
using Isotope.Networks.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Checkpoints;

public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void SaveLoad_AnyTensors_AreTheSame() =>
        TensorGen
            .Recipes.Where(recipes => recipes.Length > 0)
            .Sample(
                recipes =>
                {
                    using var scope = NewDisposeScope();
                    KeyValuePair<string, Tensor>[] tensors = [.. recipes.Select(recipe => recipe.Make())];
                    TorchFile.Save(folder.File("a.pth"), tensors);
                    using StateDict loaded = Checkpoint.Load(folder.File("a.pth"));
                    TensorGen.AssertSame(tensors, loaded);
                },
                iter: 200,
                threads: 1
            );

    [Fact]
    public void SavePrivateTensorLoadTensor_AnyTensor_IsTheSame() =>
        TensorGen
            .Recipes.Where(recipes => recipes.Length > 0)
            .Sample(
                recipes =>
                {
                    using var scope = NewDisposeScope();
                    Tensor tensor = recipes[0].Make().Value;
                    File.Delete(folder.File("a.pth"));
                    TorchFile.SavePrivateTensor(folder.File("a.pth"), tensor);
                    Tensor loaded = TorchFile.LoadTensor(folder.File("a.pth"));
                    TensorGen.AssertSame([new("", tensor)], [new("", loaded)]);
                    loaded.Dispose();
                },
                iter: 100,
                threads: 1
            );

    [Theory, InlineData("tensor.pth"), InlineData("tensor.legacy.pth")]
    public void LoadTensor_FileOfPyTorch_EqualsPyTorch(string file)
    {
        DisposeScopeManager.Statistics.Reset();
        using (Tensor tensor = TorchFile.LoadTensor(GoldenFiles.PathOf(file)))
        {
            GoldenFiles.AssertEqual(file, "", tensor);
            Assert.True(tensor.is_contiguous());
        }
        Assert.Equal(0, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("dtypes.pth", "expected a tensor saved by itself, found a dictionary")]
    [InlineData("expected.json", "expected a tensor as torch.save writes it, found a JSON file")]
    public void LoadTensor_SomethingElse_IsRefused(string file, string expected) =>
        Assert.Contains(expected, Assert.Throws<IsotopeException>(() => TorchFile.LoadTensor(GoldenFiles.PathOf(file))).Message);

    [Fact]
    public void Save_Twice_MakesTheSameBytes()
    {
        using Tensor tensor = ones(3);
        TorchFile.Save(folder.File("a"), [new("w", tensor)]);
        TorchFile.Save(folder.File("b"), [new("w", tensor)]);
        Assert.Equal(File.ReadAllBytes(folder.File("a")), File.ReadAllBytes(folder.File("b")));
    }

    [Fact]
    public void Save_NameTwice_IsRefused()
    {
        using Tensor tensor = ones(3);
        Assert.Contains(
            "tensor 'w'",
            Assert.Throws<IsotopeException>(() => TorchFile.Save(folder.File("a"), [new("w", tensor), new("w", tensor)])).Message
        );
    }

    public void Dispose() => folder.Dispose();
}
