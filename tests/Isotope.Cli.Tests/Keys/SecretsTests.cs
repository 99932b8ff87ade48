using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Isotope.Carriers;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Keys;

/// <summary>Secrets stay in the files that are meant to hold them, which only their owner can read.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Passphrase = "a passphrase of this test";
    private readonly TemporaryFolder folder = new();
    private readonly StringBuilder printed = new();

    [Fact]
    public void Pipeline_EveryOutputFileAndLine_HoldsNothingOfTheKey()
    {
        var key = RunPipeline();
        byte[][] needles = [.. Needles(key)];
        Assert.True(Holds(File.ReadAllBytes(folder.File("open.json")), needles), "the search finds an opening's carriers");
        Assert.True(
            Holds(
                Encoding.UTF8.GetBytes(
                    string.Join(' ', key.Carrier(1).ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)))
                ),
                needles
            ),
            "the search finds text"
        );

        Assert.False(Holds(Encoding.UTF8.GetBytes(printed.ToString()), needles), "printed");
        string[] meant = [folder.File("p"), folder.File("open.json"), folder.File("t.pth")];
        string[] files = [.. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Except(meant)];
        Assert.True(files.Length > 100);
        Assert.All(files, file => Assert.False(Holds(File.ReadAllBytes(file), needles), file));
    }

    [Fact]
    public void Pipeline_SecretFiles_AreTheirOwnersAlone()
    {
        if (OperatingSystem.IsWindows())
            return;
        RunPipeline();
        const UnixFileMode others =
            UnixFileMode.GroupRead
            | UnixFileMode.GroupWrite
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite
            | UnixFileMode.OtherExecute;
        string[] secret =
        [
            "k",
            "k.ledger.jsonl",
            "open.json",
            "t.pth",
            "marked.manifest.json",
            "marked.queries",
            "marked.queries.json",
            "list.json",
        ];
        foreach (var name in secret)
            Assert.True((File.GetUnixFileMode(folder.File(name)) & others) == 0, name);
    }

    [Fact]
    public void Key_WrongOrMissingPassphrase_IsOneLine()
    {
        File.WriteAllText(folder.File("p"), Passphrase + "\n");
        File.WriteAllText(folder.File("wrong"), "another\n");
        File.WriteAllText(folder.File("empty"), "");
        Assert.Equal(
            0,
            Shell
                .Run("key", "new", "--classes", "3", "--dim", "64", "--out", folder.File("k"), "--passphrase-file", folder.File("p"))
                .ExitCode
        );
        AssertRefused("passphrase", "key", "show", folder.File("k"), "--passphrase-file", folder.File("wrong"));
        AssertRefused("empty", "key", "show", folder.File("k"), "--passphrase-file", folder.File("empty"));
        AssertRefused("ISOTOPE_NO_SUCH", "key", "show", folder.File("k"), "--passphrase-env", "ISOTOPE_NO_SUCH");
        AssertRefused("nowhere", "key", "show", folder.File("k"), "--passphrase-file", folder.File("nowhere"));
        Assert.Equal(0, Shell.Run("key", "decrypt", folder.File("k"), "--passphrase-file", folder.File("p")).ExitCode);
        Assert.Equal(0, Shell.Run("key", "show", folder.File("k")).ExitCode);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Runs all commands that take a key, with a key that has a passphrase.</summary>
    private CarrierKey RunPipeline()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 24);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        File.WriteAllText(folder.File("p"), Passphrase + "\n");
        string[] pass = ["--passphrase-file", folder.File("p")];
        string[] marking = ["--key", folder.File("k"), "--marking-network", folder.File("m.safetensors")];
        // Seeded: with a random key, some carrier value of 7 digits is found somewhere by chance.
        Do(["key", "new", "--classes", "3", "--dim", "64", "--seed", "8", "--out", folder.File("k"), .. pass]);
        Do([
            "mark",
            "--data",
            folder.File("vanilla"),
            "--key",
            folder.File("k"),
            "--network",
            folder.File("m.safetensors"),
            "--fraction",
            "0.25",
            "--iterations",
            "3",
            "--as-folder",
            "--out",
            folder.File("marked"),
            "--list",
            folder.File("list.json"),
            "--counterfactuals",
            "3",
            .. pass,
        ]);
        Do(["key", "commit", folder.File("k"), "--settings", folder.File("marked.manifest.json"), "--out", folder.File("c.json"), .. pass]);
        Do(["key", "open", folder.File("k"), "--out", folder.File("open.json"), .. pass]);
        Do(["key", "export", folder.File("k"), "--out", folder.File("t.pth"), .. pass]);
        Do(
            "train",
            "--data",
            folder.File("marked"),
            "--init",
            folder.File("m.safetensors"),
            "--freeze-features",
            "--epochs",
            "1",
            "--out",
            folder.File("s.safetensors")
        );
        Do([
            "detect",
            "white-box",
            "--anyway",
            .. marking,
            "--tested-network",
            folder.File("s.safetensors"),
            "--images",
            folder.File("vanilla"),
            "--manifest",
            folder.File("marked.manifest.json"),
            "--probes",
            "200",
            "--commitment",
            folder.File("c.json"),
            "--out",
            folder.File("r.json"),
            .. pass,
        ]);
        Do([
            "detect",
            "black-box",
            "--anyway",
            "--key",
            folder.File("k"),
            "--queries",
            folder.File("marked.queries"),
            "--tested-network",
            folder.File("s.safetensors"),
            "--out",
            folder.File("b.json"),
            .. pass,
        ]);
        foreach (var result in new[] { "r.json", "b.json" })
            Do("report", folder.File(result), "--out", folder.File(result + ".html"));
        Do([
            "detect",
            "images",
            .. marking,
            "--images",
            folder.File("marked"),
            "--originals",
            folder.File("vanilla"),
            "--out",
            folder.File("i.json"),
            .. pass,
        ]);
        Do([
            "verify",
            folder.File("r.json"),
            .. marking,
            "--tested-network",
            folder.File("s.safetensors"),
            "--images",
            folder.File("vanilla"),
            "--manifest",
            folder.File("marked.manifest.json"),
            .. pass,
        ]);
        Do(["key", "verify-commitment", folder.File("c.json"), "--key", folder.File("k"), .. pass]);
        Do(["key", "show", folder.File("k"), .. pass]);
        return KeyFile.Load(folder.File("k"), () => Passphrase);
    }

    /// <summary>Runs a command: detections as people read them, the others with --json.</summary>
    private void Do(params string[] arguments)
    {
        var (exitCode, output, error) = Shell.Run([.. arguments, .. arguments[0] == "detect" ? Array.Empty<string>() : ["--json"]]);
        printed.Append(output).Append(error);
        Assert.True(exitCode == 0, error);
    }

    /// <summary>Secret, salt, passphrase and carriers: raw, in hexadecimal, base64 at each of its three alignments, and as text.</summary>
    private static IEnumerable<byte[]> Needles(CarrierKey key)
    {
        byte[] carrier = MemoryMarshal.AsBytes(key.Carrier(1)).ToArray();
        byte[][] secrets = [key.Secret.ToArray(), key.Salt.ToArray(), carrier[..32], carrier[32..64], Encoding.UTF8.GetBytes(Passphrase)];
        foreach (var secret in secrets)
        {
            yield return secret;
            yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret));
            yield return Encoding.ASCII.GetBytes(Convert.ToHexString(secret));
            for (var shift = 0; shift < 3; shift++) // without the characters that depend on neighbouring bytes
                yield return Encoding.ASCII.GetBytes(Convert.ToBase64String([.. new byte[shift], .. secret])[4..24]);
        }

        foreach (var value in key.Carriers.ToArray().Where(value => Math.Abs(value) is > 0.01f and < 1))
        {
            yield return Encoding.ASCII.GetBytes(value.ToString("R", CultureInfo.InvariantCulture));
            yield return Encoding.ASCII.GetBytes(((double)value).ToString("R", CultureInfo.InvariantCulture)[..12]);
        }
    }

    private static bool Holds(byte[] content, byte[][] needles) =>
        needles.Any(needle => needle.Length >= 8 && content.AsSpan().IndexOf(needle) >= 0);
}
