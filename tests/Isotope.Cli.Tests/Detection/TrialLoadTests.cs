using System.IO.Compression;
using System.Text;
using Isotope.Networks;
using Isotope.Tests.Networks.Foreign;

namespace Isotope.Cli.Tests.Detection;

/// <summary>TorchScript with right checksums and wrong contents: libtorch ends the process that loads it, which is not this one.</summary>
public sealed class TrialLoadTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("archive/version", "3", "99999999999999999999", "ends the process: stoull")]
    [InlineData("archive/code/__torch__.py", "Tensor", "Tonsor", "ends the process: Unknown type name 'Tonsor'")]
    [InlineData("archive/code/__torch__.py", "forward", "backward", "expected TorchScript")]
    [InlineData("archive/code/__torch__.py", "torch.relu", "torch.nms", "ends the process: Unknown builtin op: aten::nms")]
    [InlineData("archive/data.pkl", "__torch__.torch.nn", "__torch__.torch.mm", "ends the process")]
    [InlineData("archive/code/__torch__.py", "torch.relu", "torch.save", "TorchScript that only computes")]
    [InlineData(
        "archive/code/__torch__.py",
        "head = self.head",
        "print(\"p = 0\")\n    head = self.head",
        "TorchScript that only computes, found 'print'"
    )]
    [InlineData(
        "archive/code/__torch__.py",
        "return (head).forward(input0, )",
        "torch.warn(\"careful\", 2)\n    return torch.slice((head).forward(input0, ), 1, 0, 1)",
        "expected TorchScript that returns N × C numbers, found 0 [4 × 1] Float32 (docs/export.md)"
    )]
    public void Run_ProgramThatIsWrong_IsRefusedInOneLine(string record, string text, string wrong, string expected)
    {
        var message = Assert.Throws<IsotopeException>(() => Run(Change(record, text, wrong))).Message;
        Assert.StartsWith(folder.File("wrong.pt"), message);
        Assert.Contains(expected, message);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Theory]
    [InlineData("traced.pt")]
    [InlineData("scripted.pt#head")]
    public void Run_ProgramThatIsRight_Passes(string file) => Run(ForeignFiles.PathOf(file));

    [Fact]
    public void Run_WeightsOrOnnx_AreNotTried()
    {
        Assert.False(Network.IsProgram(ForeignFiles.PathOf("gemm.onnx")));
        Assert.False(Network.IsProgram(folder.File("nowhere")));
        Assert.True(Network.IsProgram(ForeignFiles.PathOf("scripted.pt#head")));
    }

    private static void Run(string path) =>
        TrialLoad
            .Load(path, TorchSharp.torch.CPU, new InputOverride { Size = ForeignFiles.Size }, TestContext.Current.CancellationToken)
            .Dispose();

    private string Change(string name, string text, string wrong)
    {
        using ZipArchive source = new(File.OpenRead(ForeignFiles.PathOf("traced.pt")));
        using MemoryStream copy = new();
        using (ZipArchive target = new(copy, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var record in source.Entries)
            {
                using StreamReader from = new(record.Open(), Encoding.Latin1);
                using var to = target.CreateEntry(record.FullName).Open();
                var content = from.ReadToEnd();
                to.Write(
                    Encoding.Latin1.GetBytes(record.FullName == name ? content.Replace(text, wrong, StringComparison.Ordinal) : content)
                );
            }

        return folder.Write("wrong.pt", copy.ToArray());
    }

    public void Dispose() => folder.Dispose();
}
