using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests;

public sealed class PowerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Power_ThenATestThatFindsNothing_IsInconclusiveAtThatPower()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 90);
        using (var network = Fixtures.RandomNetwork()) network.Save(folder.File("m.safetensors"));
        var (exitCode, output, error) = Run("power", "--data", folder.File("vanilla"), "--marking-network", folder.File("m.safetensors"), "--fraction", "0.1", "--json");
        Assert.True(exitCode == 0, error);
        File.WriteAllText(folder.File("power.json"), output);
        Assert.Contains("\"theory\"", output);
        Assert.Contains("\"simulation\"", output);

        Assert.Equal(0, Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "4", "--out", folder.File("k")).ExitCode);
        var detect = Run("detect", "white-box", "--key", folder.File("k"), "--marking-network", folder.File("m.safetensors"), "--tested-network", folder.File("m.safetensors"),
            "--images", folder.File("vanilla"), "--power", folder.File("power.json"));
        Assert.Contains("Inconclusive at this power: with 10 % marked", detect.Output);
        Assert.DoesNotContain("not used.", detect.Output.Replace("does not prove that the images were not used.", ""));
    }

    [Fact]
    public void Power_UsersMistake_IsRefused()
    {
        AssertRefused("nowhere", "power", "--data", folder.File("nowhere"), "--marking-network", "m");
        AssertRefused("--psnr", "power", "--data", folder.File("nowhere"), "--marking-network", "m", "--psnr", "5");
    }

    public void Dispose() => folder.Dispose();
}
