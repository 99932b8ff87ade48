using Isotope.Carriers;
using Isotope.Networks.Checkpoints;
using TorchSharp;

namespace Isotope.Cli.Tests.Keys;

public sealed class KeyExchangeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Export_ThenImport_KeepsEveryBitAndSaysWhereItIsFrom()
    {
        var (key, carriers, imported) = (folder.File("owner.key"), folder.File("carriers.pth"), folder.File("imported.key"));
        KeyFile.Save(CarrierKey.Create(4, 33), key);
        var (exitCode, output, error) = Shell.Run("key", "export", key, "--out", carriers);
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("carriers", output);
        Assert.Equal(
            $"isotope: {carriers} is as secret as the key itself: whoever has it can forge or remove the mark{Environment.NewLine}",
            error
        );
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(carriers));

        var report = Shell.Json("key", "import", carriers, "--out", imported);
        Assert.Equal("imported", report.GetProperty("origin").GetString());
        Assert.Equal(KeyFile.Load(key).Carriers, KeyFile.Load(imported).Carriers);
        Assert.Contains(
            "origin      imported (keep in mind that the p-value is exact only if these directions were drawn at random)",
            Shell.Run("key", "show", imported).Output
        );
    }

    [Theory]
    [InlineData("tensor.pth")]
    [InlineData("tensor.legacy.pth")]
    public void Import_TensorOfPyTorchThatHasNoUnitRows_IsRefused(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Networks", "Checkpoints", "Golden", file);
        Shell.AssertRefused($"{file}: expected", "key", "import", path, "--out", folder.File("k"));
        Assert.False(File.Exists(folder.File("k")));
    }

    [Fact]
    public void ImportExport_OntoAFile_IsRefused()
    {
        KeyFile.Save(CarrierKey.Create(2, 2), folder.File("k"));
        using (var carriers = torch.eye(2))
            TorchFile.SavePrivateTensor(folder.File("c.pth"), carriers);
        Shell.AssertRefused("a new file", "key", "export", folder.File("k"), "--out", folder.File("c.pth"));
        Shell.AssertRefused("a new file", "key", "import", folder.File("c.pth"), "--out", folder.File("k"));
        Shell.AssertRefused("nowhere", "key", "import", folder.File("nowhere.pth"), "--out", folder.File("x"));
        Shell.AssertRefused("nowhere", "key", "export", folder.File("k"), "--out", folder.File("nowhere/c.pth"));
    }

    public void Dispose() => folder.Dispose();
}
