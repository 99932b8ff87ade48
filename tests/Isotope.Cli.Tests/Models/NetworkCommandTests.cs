using System.Text.Json;
using Isotope.Networks;
using Isotope.Networks.Checkpoints;
using Isotope.Tests.Networks.Checkpoints;
using Isotope.Tests.Networks.Foreign;
using static TorchSharp.torch;

namespace Isotope.Cli.Tests.Models;

public sealed class NetworkCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Inspect_FileOfIsotope_SaysAllOfIt()
    {
        using (var network = Fixtures.RandomNetwork(classes: 5))
            network.Save(folder.File("m.safetensors"));
        var report = Shell.Json("network", "inspect", folder.File("m.safetensors"));
        Assert.Equal(
            ("safetensors", "resnet14", 64, 5),
            (Text(report, "format"), Text(report, "architecture"), Number(report, "dimension"), Number(report, "classes"))
        );
        Assert.Equal(JsonValueKind.Null, report.GetProperty("notRecognised").ValueKind);
        Assert.Equal(16, report.GetProperty("input").GetProperty("size").GetInt32());
        Assert.Equal(
            ("linear", 64, 5),
            (
                Text(report.GetProperty("linearLayers")[0], "name"),
                Number(report.GetProperty("linearLayers")[0], "inputs"),
                Number(report.GetProperty("linearLayers")[0], "outputs")
            )
        );
        using (var network = Fixtures.RandomNetwork(classes: 5))
            Assert.Equal(network.Module.parameters().Sum(p => p.NumberOfElements), report.GetProperty("parameters").GetInt64());
        Assert.Contains(
            "input         size=16 crop=1 norm=imagenet channels=rgb",
            Shell.Run("network", "inspect", folder.File("m.safetensors")).Output
        );
    }

    [Theory]
    [InlineData("wrapped.pth", "PyTorch (zip)")]
    [InlineData("wrapped.legacy.pth", "PyTorch (legacy)")]
    public void Inspect_FileOfPyTorch_NamesItsFormat(string file, string format) =>
        Assert.Equal(format, Text(Shell.Json("network", "inspect", Golden(file)), "format"));

    [Fact]
    public void Inspect_UnknownNetwork_SaysWhyAndGuessesFromTheLastMatrix()
    {
        Save(
            "x.pth",
            ("a\u001b.weight", ones(7, 3)),
            ("norm.running_mean", ones(4)),
            ("b.weight", ones(6, 7, dtype: ScalarType.Float16)),
            ("b.bias", ones(6)),
            ("n", tensor(1L))
        );
        var report = Shell.Json("network", "inspect", folder.File("x.pth"));
        Assert.Equal(JsonValueKind.Null, report.GetProperty("architecture").ValueKind);
        Assert.Equal((7, 6, 69), (Number(report, "dimension"), Number(report, "classes"), Number(report, "parameters")));
        Assert.Equal("""{"float16":1,"float32":3,"int64":1}""", report.GetProperty("types").GetRawText());
        Assert.Equal(
            """[{"name":"a ","inputs":3,"outputs":7,"bias":false},{"name":"b","inputs":7,"outputs":6,"bias":true}]""",
            report.GetProperty("linearLayers").GetRawText()
        );
        var text = Shell.Run("network", "inspect", folder.File("x.pth")).Output;
        Assert.Contains($"not recognised: {folder.File("x.pth")}: expected", text);
        Assert.Contains("classes       6 (of the last linear layer)", text);
    }

    [Theory]
    [InlineData("gemm.onnx", "onnx", "ONNX", 16, "/head/Gemm", "input         16 × 16, normalisation not stated in the file")]
    [InlineData("matmul.onnx", "onnx", "ONNX", 16, "/head/MatMul", "classes       10\n")]
    [InlineData("traced.pt", "torchscript", "TorchScript", null, "head", "input         size and normalisation not stated in the file")]
    [InlineData("scripted.pt", "torchscript", "TorchScript", null, "head", "classes       10 (of the last linear layer)\n")]
    public void Inspect_FileThatBringsItsArchitecture_SaysAllOfIt(
        string file,
        string architecture,
        string format,
        int? size,
        string layer,
        string line
    )
    {
        var report = Shell.Json("network", "inspect", ForeignFiles.PathOf(file));
        Assert.Equal(
            (format, architecture, 6, 10),
            (Text(report, "format"), Text(report, "architecture"), Number(report, "dimension"), Number(report, "classes"))
        );
        Assert.Equal(size, report.GetProperty("inputSize").Deserialize<int?>());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("input").ValueKind);
        Assert.Equal(
            (layer, 6, 10),
            (
                Text(report.GetProperty("linearLayers")[0], "name"),
                Number(report.GetProperty("linearLayers")[0], "inputs"),
                Number(report.GetProperty("linearLayers")[0], "outputs")
            )
        );
        Assert.True(Number(report, "parameters") > 500);
        using (var network = ForeignFiles.Load(file))
            Assert.Equal(network.Sha256, Text(report, "sha256"));
        Assert.Contains(line, Shell.Run("network", "inspect", ForeignFiles.PathOf(file)).Output);
    }

    [Fact]
    public void Inspect_ConvolutionAsClassifier_HasItsSizes()
    {
        var report = Shell.Json("network", "inspect", ForeignFiles.PathOf("conv.onnx"));
        using var network = ForeignFiles.Load("conv.onnx");
        Assert.Equal("onnx", Text(report, "architecture"));
        Assert.Equal((network.FeatureDimension, network.Classes), (Number(report, "dimension"), Number(report, "classes")));
    }

    [Fact]
    public void Inspect_TorchScriptWithoutAMatrix_SaysThatItMustRun() =>
        Assert.Contains("has no matrix by name", Text(Shell.Json("network", "inspect", ForeignFiles.PathOf("pooled.pt")), "reading"));

    [Fact]
    public void Inspect_ModuleThatIsALinearLayer_HasALayerWithoutName() =>
        Assert.Equal(
            """[{"name":"","inputs":2,"outputs":3,"bias":true}]""",
            Shell.Json("network", "inspect", Golden("script.pt")).GetProperty("linearLayers").GetRawText()
        );

    [Fact]
    public void Inspect_NoMatrix_SaysUnknown()
    {
        Save("x.pth", ("conv.weight", ones(2, 2, 1, 1)));
        Assert.Equal(JsonValueKind.Null, Shell.Json("network", "inspect", folder.File("x.pth")).GetProperty("dimension").ValueKind);
    }

    [Theory]
    [InlineData("pth")]
    [InlineData("safetensors")]
    public void Convert_AnyTensors_KeepsNamesTypesAndBits(string extension)
    {
        var report = Shell.Json("network", "convert", Golden("dtypes.legacy.pth"), folder.File($"x.{extension}"));
        using var before = Checkpoint.Load(Golden("dtypes.legacy.pth"));
        using var after = Checkpoint.Load(folder.File($"x.{extension}"));
        TensorGen.AssertSame([.. before], after);
        Assert.Equal(before.Count, Number(report, "tensors"));
    }

    [Fact]
    public void Convert_Metadata_StayInSafetensorsAndAreMissedInPth()
    {
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("a.safetensors"));
        Assert.Equal(
            (0, ""),
            (
                Shell.Run("network", "convert", folder.File("a.safetensors"), folder.File("b.safetensors")) is var (code, _, error)
                    ? code
                    : -1,
                error
            )
        );
        Assert.Equal(File.ReadAllBytes(folder.File("a.safetensors")), File.ReadAllBytes(folder.File("b.safetensors")));
        Assert.Contains(
            "no place for the metadata",
            Shell.Run("network", "convert", folder.File("a.safetensors"), folder.File("b.pth")).Error
        );
        using var loaded = Network.Load($"resnet14:{folder.File("b.pth")}");
        Assert.Equal(3, loaded.Classes);
    }

    [Fact]
    public void InspectConvert_UsersMistake_IsOneLine()
    {
        Save("a.pth", ("w.weight", ones(2, 2)));
        Save("b.pth", ("w.weight", ones(2, 2)));
        var before = File.ReadAllBytes(folder.File("b.pth"));
        Shell.AssertRefused("nowhere.pth", "network", "inspect", folder.File("nowhere.pth"));
        Shell.AssertRefused("'save' in", "network", "inspect", ForeignFiles.PathOf("writes.pt"));
        Shell.AssertRefused("TorchScript", "network", "convert", Golden("script.pt"), folder.File("c.pth"));
        Shell.AssertRefused("a new file", "network", "convert", folder.File("a.pth"), folder.File("b.pth"));
        Shell.AssertRefused("found '.onnx'", "network", "convert", folder.File("a.pth"), folder.File("b.onnx"));
        Shell.AssertRefused("a place to write", "network", "convert", folder.File("a.pth"), folder.File("nowhere/b.pth"));
        Assert.Equal(before, File.ReadAllBytes(folder.File("b.pth")));
    }

    public void Dispose() => folder.Dispose();

    private void Save(string name, params (string Name, Tensor Value)[] tensors)
    {
        TorchFile.Save(folder.File(name), tensors.Select(tensor => KeyValuePair.Create(tensor.Name, tensor.Value)));
        foreach (var (_, tensor) in tensors)
            tensor.Dispose();
    }

    private static string Golden(string file) => Path.Combine(AppContext.BaseDirectory, "Networks", "Checkpoints", "Golden", file);

    private static string? Text(JsonElement report, string name) => report.GetProperty(name).GetString();

    private static int Number(JsonElement report, string name) => report.GetProperty(name).GetInt32();
}
