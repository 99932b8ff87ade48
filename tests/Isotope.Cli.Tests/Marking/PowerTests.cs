using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Cli.Commands.Marking;
using Isotope.Numerics;
using Isotope.Statistics;
using static Isotope.Cli.Tests.Shell;
using static TorchSharp.torch;

namespace Isotope.Cli.Tests.Marking;

public sealed class PowerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Power_ThenATestThatFindsNothing_IsInconclusiveAtThatPower()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 90);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        using (var ofOtherClasses = Fixtures.RandomNetwork(5))
            ofOtherClasses.Save(folder.File("five.safetensors"));
        var (exitCode, output, error) = Run(
            "power",
            "--data",
            folder.File("vanilla"),
            "--marking-network",
            folder.File("five.safetensors"),
            "--fraction",
            "0.1",
            "--json"
        );
        Assert.True(exitCode == 0, error);
        File.WriteAllText(folder.File("power.json"), output);

        Assert.Equal(0, Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "4", "--out", folder.File("k")).ExitCode);
        var detect = Run(
            "detect",
            "white-box",
            "--anyway",
            "--key",
            folder.File("k"),
            "--marking-network",
            folder.File("m.safetensors"),
            "--tested-network",
            folder.File("m.safetensors"),
            "--images",
            folder.File("vanilla"),
            "--power",
            folder.File("power.json")
        );
        Assert.Contains("Inconclusive at this power: with 10 % marked", detect.Output);
    }

    [Fact]
    public void PowerEstimate_OfAShift_GrowsInProportionToTheFraction()
    {
        var estimate = PowerEstimate.Of(new ShiftedNormal(2), fraction: 0.1);
        Assert.Equal(-1.643, estimate.MedianLog10P, 1e-3);
        Assert.Equal(0.0428, estimate.Power, 1e-3);
        Assert.Equal(0.1 * (3.719016 + 1.281552) / 2, estimate.SmallestFraction!.Value, 1e-5);
        Assert.All((ShiftedNormal[])[new(-1), new(0.4)], law => Assert.Null(PowerEstimate.Of(law, 0.1).SmallestFraction));
    }

    [Fact]
    public void Power_AllImagesMarked_IsBetterThanChanceAndADetectionIsNotInconclusive()
    {
        var (model, found) = (folder.File("m.safetensors"), folder.File("t.safetensors"));
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 90);
        var key = CarrierKey.FromSeed(3, 64, 4);
        KeyFile.Save(key, folder.File("k"));
        using (var network = Fixtures.RandomNetwork())
        {
            network.Save(model);
            using (no_grad())
                network.Weight.AddInPlace(key.ToTensor().Times(3));
            network.Save(found);
        }

        var (_, output, _) = Run(
            "power",
            "--data",
            folder.File("vanilla"),
            "--marking-network",
            model,
            "--fraction",
            "1",
            "--augment",
            "centre",
            "--json"
        );
        File.WriteAllText(folder.File("power.json"), output);
        foreach (var name in (string[])["theory", "simulation"]) // a median of 0.5 is chance
            Assert.True((double)JsonNode.Parse(output)![name]!["medianLog10P"]! < -0.4, output);
        var detect = Run(
            "detect",
            "white-box",
            "--anyway",
            "--key",
            folder.File("k"),
            "--marking-network",
            model,
            "--tested-network",
            found,
            "--images",
            folder.File("vanilla"),
            "--probes",
            "1000",
            "--power",
            folder.File("power.json")
        );
        Assert.Contains("The model carries this key's mark", detect.Output);
        Assert.DoesNotContain("Inconclusive", detect.Output);
    }

    [Fact]
    public void Power_UsersMistake_IsRefused()
    {
        AssertRefused("nowhere", "power", "--data", folder.File("nowhere"), "--marking-network", "m");
        AssertRefused("--psnr", "power", "--data", folder.File("nowhere"), "--marking-network", "m", "--psnr", "5");
    }

    public void Dispose() => folder.Dispose();
}
