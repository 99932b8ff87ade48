using System.Text;
using Isotope.Networks.Checkpoints;
using Isotope.Pickles;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Checkpoints;

public sealed class CheckpointTests
{
    public static TheoryData<string> StateDicts =>
        [.. GoldenFiles.Names.Where(name => !name.StartsWith("tensor", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(StateDicts))]
    public void Load_FileOfPyTorch_EqualsPyTorch(string file)
    {
        using StateDict weights = Checkpoint.Load(GoldenFiles.PathOf(file));
        Assert.Equal(GoldenFiles.TensorNames(file), weights.Names);
        Assert.Empty(weights.Metadata);
        foreach ((string name, Tensor tensor) in weights)
            GoldenFiles.AssertEqual(file, name, tensor);
    }

    [Theory, InlineData("views.pth"), InlineData("views.legacy.pth")]
    public void Load_ViewsOfOneStorage_ShareIt(string file)
    {
        using StateDict weights = Checkpoint.Load(GoldenFiles.PathOf(file));
        using var nine = tensor(9f);
        using (no_grad())
            weights["base"].copy_(nine);
        Assert.Equal(9f, weights["transposed"][5, 3].item<float>());
    }

    [Theory, InlineData("nested.pth"), InlineData("nested.legacy.pth")]
    public void Load_Disposed_LeavesNoTensorAlive(string file)
    {
        using (var scope = NewDisposeScope())
            Checkpoint.Load(GoldenFiles.PathOf(file)).Dispose();
        DisposeScopeManager.Statistics.Reset();
        Checkpoint.Load(GoldenFiles.PathOf(file)).Dispose();
        Assert.Equal(0, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("", "module.")]
    [InlineData("", "_orig_mod.")]
    [InlineData("state_dict", "module._orig_mod.")]
    [InlineData("model_state_dict", "_orig_mod.module.")]
    [InlineData("model", "module.")]
    [InlineData("net", "")]
    public void Load_WeightsInAWrapperUnderAPrefix_AreFound(string wrapper, string prefix)
    {
        using TemporaryFolder folder = new();
        var weights = HostileFiles.StateDict(1, 0, [1], [1], name: prefix + "fc.weight");
        if (wrapper != "")
            weights = HostileFiles.Pickle(Opcode.EmptyDict, HostileFiles.Text(wrapper), HostileFiles.Inner(weights), Opcode.SetItem);
        using StateDict loaded = Checkpoint.Load(folder.Write("a.pth", HostileFiles.Zip(weights, ("data/0", BitConverter.GetBytes(2.5f)))));
        Assert.Equal(["fc.weight"], loaded.Names);
        Assert.Equal(2.5f, loaded["fc.weight"].item<float>());
    }

    [Fact]
    public async Task StripPrefixes_NameOfManyOfThem_TakesNoTimeThatGrowsWithItsSquare()
    {
        using var weights = new StateDict(
            new() { [string.Concat(Enumerable.Repeat("module.", 200_000)) + "a"] = ones(1) },
            new Dictionary<string, string>()
        );
        await Task.Run(() => weights.StripPrefixes("module.")).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(["a"], weights.Names);
    }

    [Fact]
    public void Load_InsideOfAScope_OutlivesIt()
    {
        StateDict weights;
        using (var scope = NewDisposeScope())
            weights = Checkpoint.Load(GoldenFiles.PathOf("dtypes.pth"));
        using (weights)
            GoldenFiles.AssertEqual("dtypes.pth", "int64", weights["int64"]);
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("hello", "a file of unknown kind")]
    [InlineData("<!DOCTYPE html>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "a Git LFS pointer")]
    [InlineData("\b\a\u0012\apytorch", "an ONNX model")]
    [InlineData("GGUF\u0003", "a GGUF file")]
    [InlineData("\n <html>", "a web page: the download went wrong (docs/export.md")]
    [InlineData("<?xml version='1.0'?>", "an XML file")]
    [InlineData(" {\"error\": 404}", "a JSON file")]
    [InlineData("Rar!\u001a", "a RAR archive: unpack it")]
    [InlineData("ftrt\0", "an engine of TensorRT")]
    public void Load_OtherKind_IsNamedAndTheAcceptedToo(string content, string kind)
    {
        using TemporaryFolder folder = new();
        string message = Refusal(folder.Write("model.safetensors", Encoding.UTF8.GetBytes(content)));
        Assert.Contains("expected a checkpoint of weights (safetensors, or PyTorch's .pt/.pth", message);
        Assert.Contains("as torch.save writes a state_dict), found " + kind, message);
    }

    [Theory]
    [InlineData("script.pt", "found a TorchScript archive")]
    [InlineData("tensor.pth", "expected tensors by name, as in torch.save(model.state_dict(), FILE), found a tensor without any")]
    [InlineData("missing.pth", "expected a file, found none of this name")]
    public void Load_NotAStateDict_SaysWhatItIs(string file, string expected) =>
        Assert.Contains(expected, Refusal(GoldenFiles.PathOf(file)));

    [Fact]
    public void Load_Folder_IsOneLine()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("expected a readable file", Refusal(folder.Path));
    }

    [Fact]
    public void Indexer_UnknownName_NamesSomeOthers()
    {
        using StateDict weights = Checkpoint.Load(GoldenFiles.PathOf("nested.pth"));
        IsotopeException e = Assert.Throws<IsotopeException>(() => weights["fc.weight"]);
        Assert.Equal(
            "checkpoint: expected a tensor named 'fc.weight', found 9 others: 0.weight, 0.bias, 1.weight, 1.bias, 1.running_mean, …",
            e.Message
        );
        Assert.False(weights.TryGet("fc.weight", out _));
    }

    private static string Refusal(string path)
    {
        IsotopeException e = Assert.Throws<IsotopeException>(() => Checkpoint.Load(path));
        Assert.StartsWith(path + ": ", e.Message);
        Assert.DoesNotContain('\n', e.Message);
        return e.Message;
    }
}
