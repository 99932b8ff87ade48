using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Statistics;
using static Isotope.Cli.Tests.Shell;
using TestResult = Isotope.Evidence.TestResult;

namespace Isotope.Cli.Tests;

/// <summary>From the published commitment to a result that somebody else verifies.</summary>
public sealed class EvidenceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string[] test;

    public EvidenceTests()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 24);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        using (var network = Fixtures.RandomNetwork(seed: 2))
            network.Save(folder.File("t.safetensors"));
        KeyFile.Save(CarrierKey.Create(3, 64), folder.File("k"));
        test =
        [
            "--marking-network",
            folder.File("m.safetensors"),
            "--tested-network",
            folder.File("t.safetensors"),
            "--images",
            folder.File("vanilla"),
        ];
    }

    [Fact]
    public void Verify_ResultWithAllInputs_AgreesAndOneChangedFigureDiffers()
    {
        Commit();
        var result = Detect("--commitment", folder.File("c.json"), "--out", folder.File("r.json"));
        Assert.True(result.GetProperty("published").GetProperty("matches").GetBoolean());
        Assert.True(result.GetProperty("published").GetProperty("signatureValid").GetBoolean());
        Assert.True(result.GetProperty("details").GetProperty("rankCheck").GetProperty("agrees").GetBoolean());
        Assert.DoesNotContain(Convert.ToBase64String(KeyFile.Load(folder.File("k")).Secret), File.ReadAllText(folder.File("r.json")));

        var report = Json(["verify", folder.File("r.json"), "--key", folder.File("k"), "--commitment", folder.File("c.json"), .. test]);
        Assert.True(report.GetProperty("agrees").GetBoolean());
        foreach (
            var repeated in (string[])
                [
                    "p-value, made again, log₁₀",
                    "other p-values, made again",
                    "R² of the alignment, made again",
                    "fresh carriers as extreme, made again",
                    "ledger beside the key",
                ]
        )
            Assert.Contains(
                report.GetProperty("findings").EnumerateArray(),
                finding => finding.GetProperty("statement").GetString() == repeated
            );

        AssertDiffers("p-value that counts", Change(json => json["log10P"] = -9.5));
        AssertDiffers("p-value of class1", Change(json => json["details"]!["classes"]![1]!["cosine"] = 0.5));
        AssertDiffers("Holm-adjusted p of test 1 of 1", Change(json => json["ledger"]!["holmLog10P"] = -9.5));
        AssertDiffers("dimension", Change(json => json["details"]!["dimension"] = 4096));
        AssertDiffers("fingerprint", Change(json => json["options"]!["statistic"] = "paper"));
        AssertDiffers("verdict", Change(json => json["verdict"] = "The model carries this key's mark."));
        AssertDiffers("verdict", Change(json => json["verdict"] = $"{json["verdict"]} The suspect has confessed."));
        string[] repeat = ["--key", folder.File("k"), .. test];
        AssertDiffers(
            "paper, stouffer, made again",
            [
                Change(json =>
                    json["details"]!["others"]!.AsArray().First(other => (string)other!["combination"]! == "stouffer")!["log10P"] = -9.5
                ),
                .. repeat,
            ]
        );
        AssertDiffers("R² of the alignment", [Change(json => json["details"]!["alignment"]!["rSquared"] = 0.99), .. repeat]);
        AssertDiffers("ledger beside the key", [Change(json => json["ledger"]!["head"] = new string('0', 64)), .. repeat[..2]]);
        AssertDiffers(
            "fresh carriers as extreme",
            Change(json =>
            {
                var check = json["details"]!["rankCheck"]!;
                check["atLeastAsExtreme"] = (int)check["atLeastAsExtreme"]! < 500 ? 999 : 0;
            })
        );
    }

    /// <summary>Else whoever dislikes a p-value could make the test as often as it takes.</summary>
    [Fact]
    public void Detect_PValue_IsInTheLedgerBeforeItIsShown()
    {
        using var output = new Watched(() =>
            File.Exists(folder.File("k.ledger.jsonl"))
            && File.ReadAllText(folder.File("k.ledger.jsonl")).Contains("log10P", StringComparison.Ordinal)
        );
        Assert.Equal(
            0,
            CommandLine.Run(
                ["detect", "white-box", "--anyway", "--key", folder.File("k"), .. test, "--probes", "200"],
                output,
                TextWriter.Null
            )
        );
        Assert.True(output.HeldAtFirst);
    }

    /// <summary>A terminal would obey it: a table could be wiped away, and another verdict shown.</summary>
    [Fact]
    public void Verify_NamesWithTerminalCodes_AreShownWithoutThem()
    {
        Detect("--out", folder.File("r.json"));
        var (_, output, error) = Run(
            "verify",
            Change(json =>
                (json["details"]!["classes"]![1]!["label"], json["details"]!["classes"]![1]!["cosine"]) = ("\u001b[2J\u202e", 0.5)
            )
        );
        Assert.Contains("p-value of  [2J", output);
        Assert.DoesNotContain("\u001b[2J", output + error);
        Assert.DoesNotContain("\u202e", output + error);
    }

    [Fact]
    public void Verify_ManifestThatLiesNearByNow_PlaysNoPart()
    {
        Detect("--out", folder.File("r.json"));
        var image = Dataset.Open(folder.File("vanilla")).Images[0].Source;
        var marked = new MarkedImage("a", "a", "class0", 42, 3, 0.1, "", "", image.Decode().Sha256());
        new Manifest(new JsonObject { [Manifest.KeyCommitment] = KeyFile.Load(folder.File("k")).Commitment }, [marked]).Save(
            Manifest.PathFor(folder.File("vanilla"))
        );
        AssertRefused(
            "found one that the manifest says is marked",
            ["detect", "white-box", "--anyway", "--key", folder.File("k"), .. test, "--probes", "200"]
        );
        Assert.Contains(
            Json(["verify", folder.File("r.json"), "--key", folder.File("k"), .. test]).GetProperty("findings").EnumerateArray(),
            finding => finding.GetProperty("statement").GetString() == "cosines, made again"
        );
    }

    [Fact]
    public void Commitment_ForgedOrOfAnotherKey_IsRefusedAndDiffers()
    {
        Commit();
        var (signed, forged, other) = (folder.File("c.json"), folder.File("forged.json"), folder.File("other.json"));
        var json = JsonNode.Parse(File.ReadAllText(signed))!;
        json["settings"] = new string('0', 64);
        File.WriteAllText(forged, json.ToJsonString());
        AssertRefused(
            "expected a valid signature",
            ["detect", "white-box", "--anyway", "--key", folder.File("k"), .. test, "--commitment", forged]
        );
        Assert.Equal(1, Run("key", "verify-commitment", forged).ExitCode);
        Assert.Equal(0, Run("key", "verify-commitment", signed, "--signer", PublishedCommitment.Load(signed).PublicKeySha256!).ExitCode);
        Assert.Equal(1, Run("key", "verify-commitment", signed, "--signer", new string('0', 64)).ExitCode);

        Detect("--commitment", signed, "--out", folder.File("r.json"));
        AssertDiffers("signature of the commitment", folder.File("r.json"), "--commitment", forged);
        AssertDiffers("published file", folder.File("r.json"), "--commitment", forged);
        KeyFile.Save(CarrierKey.Create(3, 64), folder.File("another"));
        Assert.Equal(0, Run("key", "commit", folder.File("another"), "--out", other).ExitCode);
        AssertDiffers("published commitment", folder.File("r.json"), "--commitment", other);
    }

    [Fact]
    public void DetectAndVerify_ForPeople_ShowTheFiguresOfTheResult()
    {
        var (_, output, _) = Run([
            "detect",
            "white-box",
            "--anyway",
            "--key",
            folder.File("k"),
            .. test,
            "--probes",
            "200",
            "--out",
            folder.File("r.json"),
        ]);
        var shown = Regex.Replace(output, "\e\\[[0-9]*m", " "); // bold and dim
        var result = TestResult.Load(folder.File("r.json"));
        var details = CosineDetails.Of(result.Kind, result.Details);
        AssertRow("all (response, stouffer)", new PValue(result.Log10P));
        foreach (var c in details.Classes)
            AssertRow(c.Label, c.PValue);
        foreach (var other in details.Others)
            AssertRow($"{other.Statistic}, {other.Combination}", other.PValue);
        Assert.Contains("uniform as they should be", shown);
        Assert.Contains(result.Verdict, Regex.Replace(shown, "\\s+", " "));
        Assert.Contains("The only test in the key's ledger so far.", shown);
        Assert.Contains("Nothing differs.", Run("verify", folder.File("r.json")).Output);

        void AssertRow(string name, PValue p) =>
            Assert.Contains(
                shown.Split('\n'),
                line =>
                    line.Contains(name, StringComparison.Ordinal)
                    && line.Contains($" {p} ", StringComparison.Ordinal)
                    && line.Contains(FormattableString.Invariant($"{p.Log10:F2}"), StringComparison.Ordinal)
            );
    }

    [Fact]
    public void Verify_OtherInputs_Differ()
    {
        Detect("--out", folder.File("r.json"));
        KeyFile.Save(CarrierKey.Create(3, 64), folder.File("other"));
        AssertDiffers("key commitment", folder.File("r.json"), "--key", folder.File("other"));
        string[] withTheMarkingNetwork = ["--key", folder.File("k"), .. test[..2], "--tested-network", test[1], .. test[4..]];
        AssertDiffers("tested-network", [folder.File("r.json"), .. withTheMarkingNetwork]);
        AssertRefused(
            "since the marking network is the suspect model itself",
            ["detect", "white-box", "--anyway", .. withTheMarkingNetwork, "--statistic", "response"]
        );
        Assert.Contains(
            Findings(["verify", folder.File("r.json"), "--key", folder.File("other"), .. test]),
            finding => finding.GetProperty("found").GetString() == "another key or input makes it another test"
        );
        File.Delete(Dataset.Open(folder.File("vanilla")).Images[0].Source.Name);
        AssertDiffers("images", folder.File("r.json"), "--images", folder.File("vanilla"));
    }

    /// <summary>References and images can be chosen for a suspect as a key can.</summary>
    [Fact]
    public void Verify_OwnersInputsOtherThanCommittedTo_Differ()
    {
        var (reference, marking) = (folder.File("own.safetensors"), test[1]);
        using (var network = Fixtures.RandomNetwork(seed: 3))
            network.Save(reference);
        string[] owners =
        [
            "--marking-network",
            marking,
            "--reference-network",
            reference,
            "--reference-network",
            marking,
            "--images",
            folder.File("vanilla"),
        ];
        Assert.Equal(0, Run(["key", "commit", folder.File("k"), .. owners, "--out", folder.File("c.json")]).ExitCode);
        Assert.Equal(0, Run(["key", "verify-commitment", folder.File("c.json"), .. owners]).ExitCode);
        Assert.Equal(1, Run("key", "verify-commitment", folder.File("c.json"), "--reference-network", marking).ExitCode);

        Detect("--reference-network", reference, "--out", folder.File("r.json"), "--commitment", folder.File("c.json"));
        var agreeing = Json(["verify", folder.File("r.json"), "--commitment", folder.File("c.json")]);
        Assert.All(
            ["marking-network", "reference-network", "images"],
            name => Assert.Equal("Agrees", OutcomeOf(agreeing, $"{name}, as committed to"))
        );

        var (_, _, warnings) = Run([
            "detect",
            "white-box",
            "--anyway",
            "--key",
            folder.File("k"),
            .. test,
            "--probes",
            "200",
            "--reference-network",
            marking,
            "--out",
            folder.File("other.json"),
            "--commitment",
            folder.File("c.json"),
        ]);
        Assert.Contains("the test's inputs differ: reference-network, as committed to", warnings);
        AssertDiffers("reference-network, as committed to", folder.File("other.json"), "--commitment", folder.File("c.json"));

        Assert.Equal(0, Run("key", "commit", folder.File("k"), "--out", folder.File("bare.json")).ExitCode);
        Detect("--reference-network", reference, "--out", folder.File("uncommitted.json"));
        Assert.Equal(
            "NotChecked",
            OutcomeOf(
                Json(["verify", folder.File("uncommitted.json"), "--commitment", folder.File("bare.json")]),
                "reference-network, as committed to"
            )
        );
    }

    /// <summary>Warnings of a test whose alignment may have seen marked images.</summary>
    [Fact]
    public void Detect_MarkedImagesInOtherEncodings_AreLeftOutAndToldOf()
    {
        new Manifest(new JsonObject { [Manifest.KeyCommitment] = "of another key" }, []).Save(Manifest.PathFor(folder.File("vanilla")));
        Assert.Contains("no manifest of this key was found or given", Warnings());
        Mark();
        var manifest = Manifest.Load(folder.File("marked.manifest.json"));
        var (copy, brighter) = (
            Path.Combine(folder.File("vanilla"), "class0", "copy.png"),
            ImageCodec.Decode("marked", File.ReadAllBytes(Path.Combine(folder.File("marked"), manifest.Images[0].File)))
        );
        File.WriteAllBytes(
            copy,
            ImageCodec.EncodePng(brighter with { Pixels = [.. brighter.Pixels.Select(value => (byte)Math.Min(255, value + 1))] })
        );
        var warnings = Warnings("--manifest", folder.File("marked.manifest.json"));
        Assert.Contains("left out, since they look like marked images", warnings);
        Assert.DoesNotContain("no manifest of this key", warnings);

        string Warnings(params string[] more) =>
            Run(["detect", "white-box", "--anyway", "--key", folder.File("k"), .. test, "--probes", "200", .. more]).Error;
    }

    [Fact]
    public void Verify_ManifestGiven_IsComparedWithTheSettingsCommittedTo()
    {
        Mark();
        var manifest = folder.File("marked.manifest.json");
        Assert.Equal(0, Run("key", "commit", folder.File("k"), "--settings", manifest, "--out", folder.File("c.json")).ExitCode);
        Fixtures.WriteFolder(folder.File("others"), perClass: 24, firstSeed: 7000);
        test[5] = folder.File("others");
        Detect("--manifest", manifest, "--out", folder.File("r.json"));
        string[] verify = ["verify", folder.File("r.json"), "--key", folder.File("k"), "--manifest", manifest];
        Assert.Equal("Agrees", OutcomeOf(Json([.. verify, "--commitment", folder.File("c.json")]), "manifest, as committed to"));
        Assert.Equal(0, Run("key", "commit", folder.File("k"), "--settings", folder.File("k"), "--out", folder.File("c2.json")).ExitCode);
        Assert.Equal("NotChecked", OutcomeOf(Json([.. verify, "--commitment", folder.File("c2.json")]), "manifest, as committed to"));
    }

    [Fact]
    public void Detect_SecondSuspect_IsCountedAndTheFirstAgainIsNot()
    {
        var first = Detect();
        Assert.Equal(1, first.GetProperty("ledger").GetProperty("position").GetInt32());
        Assert.Single(Detect().GetProperty("ledger").GetProperty("log10PValues").EnumerateArray());
        test[3] = folder.File("m.safetensors");
        var second = Detect();
        Assert.Equal(2, second.GetProperty("ledger").GetProperty("position").GetInt32());
        Assert.True(second.GetProperty("ledger").GetProperty("holmLog10P").GetDouble() >= second.GetProperty("log10P").GetDouble());
        var (_, output, _) = Run(["detect", "white-box", "--anyway", "--key", folder.File("k"), .. test, "--probes", "200"]);
        Assert.Contains("Test 2 of 2 in the key's ledger so far: Holm-adjusted p = ", output);
        Assert.Contains("adjusted for 2 tests with the key", output.ReplaceLineEndings(" "));
        Assert.Contains("adjusted for 2 tests", second.GetProperty("verdict").GetString());
    }

    [Fact]
    public void Detect_ThatCouldNotBeRecorded_IsRefusedBeforeTheTest()
    {
        string[] detect = ["detect", "white-box", "--key", folder.File("k"), "--marking-network", "nowhere", .. test[2..]];
        AssertRefused("--out", [.. detect, "--out", folder.File("nowhere/r.json")]);
        AssertRefused("c.json", [.. detect, "--commitment", folder.File("c.json")]);
        KeyFile.Save(CarrierKey.Create(3, 64), folder.File("other"));
        Assert.Equal(0, Run("key", "commit", folder.File("other"), "--out", folder.File("c.json")).ExitCode);
        AssertRefused(
            "c.json: expected the commitment of this key, found another key's",
            [.. detect, "--commitment", folder.File("c.json")]
        );
        AssertRefused("c.json: expected a new file, found one", [.. detect, "--out", folder.File("c.json")]);
        AssertRefused("p.json", [.. detect, "--power", folder.File("p.json")]);
        File.WriteAllText(folder.File("k.ledger.jsonl"), "{}\n");
        AssertRefused("k.ledger.jsonl, line 1", detect);
    }

    [Fact]
    public void Detect_ModelDate_RefusesAYoungerKeyAndIsRecorded()
    {
        var made = KeyFile.Load(folder.File("k")).Created!.Value;
        AssertRefused(
            "--model-date",
            ["detect", "white-box", "--anyway", "--key", folder.File("k"), .. test, "--model-date", $"{made.AddDays(-1):O}"]
        );
        Assert.False(File.Exists(folder.File("k.ledger.jsonl")));
        Assert.Equal(
            $"{made.AddDays(1):O}",
            Detect("--model-date", $"{made.AddDays(1):O}", "--out", folder.File("r.json")).GetProperty("modelDate").GetString()
        );
        Assert.Equal(0, Run("verify", folder.File("r.json"), "--key", folder.File("k")).ExitCode);
        AssertDiffers("key older than the model", Change(json => json["modelDate"] = $"{made.AddDays(-1):O}"), "--key", folder.File("k"));
    }

    [Fact]
    public void Detect_FileOfTheModelOlderThanTheKey_Warns()
    {
        Assert.DoesNotContain("older than the key", Warnings());
        File.SetLastWriteTimeUtc(test[3], DateTime.UnixEpoch.AddYears(40));
        Assert.Contains("older than the key", Warnings());

        string Warnings() => Run(["detect", "white-box", "--anyway", "--key", folder.File("k"), .. test, "--probes", "200"]).Error;
    }

    [Fact]
    public void Verify_ByOpening_RepeatsTheTestWithoutTheSecret()
    {
        Commit();
        Detect("--out", folder.File("r.json"));
        Assert.Equal(0, Run("key", "open", folder.File("k"), "--out", folder.File("o.json")).ExitCode);
        var (exitCode, output, _) = Run(["verify", folder.File("r.json"), "--key", folder.File("o.json"), .. test]);
        Assert.Equal(0, exitCode);
        Assert.Contains("cosines, made again", output);
        Assert.Equal(
            0,
            Run(
                "key",
                "verify-commitment",
                folder.File("c.json"),
                "--key",
                folder.File("o.json"),
                "--settings",
                folder.File("settings.txt")
            ).ExitCode
        );
        File.WriteAllText(folder.File("settings.txt"), "others");
        Assert.Equal(
            1,
            Run(
                "key",
                "verify-commitment",
                folder.File("c.json"),
                "--key",
                folder.File("o.json"),
                "--settings",
                folder.File("settings.txt")
            ).ExitCode
        );
        AssertRefused("--key", "key", "verify-commitment", folder.File("c.json"), "--settings", folder.File("settings.txt"));
    }

    [Fact]
    public void DetectImages_ThenVerify_FindsMarkedImagesAndRepeatsTheTest()
    {
        Mark("0.5", "--only-marked");
        string[] images =
        [
            "--key",
            folder.File("k"),
            "--marking-network",
            test[1],
            "--images",
            folder.File("marked"),
            "--originals",
            folder.File("vanilla"),
        ];
        var result = Json(["detect", "images", .. images, "--out", folder.File("r.json")]);
        Assert.True(result.GetProperty("log10P").GetDouble() < -4);
        Assert.True(Json(["verify", folder.File("r.json"), .. images]).GetProperty("agrees").GetBoolean());
        KeyFile.Save(CarrierKey.Create(3, 64), folder.File("other"));
        Assert.True(Json(["detect", "images", "--key", folder.File("other"), .. images[2..]]).GetProperty("log10P").GetDouble() > -4);
        AssertRefused("--originals, --reference-images", ["detect", "images", .. images, "--reference-images", folder.File("vanilla")]);
        AssertRefused("--label: expected none, since", ["detect", "images", .. images, "--label", "class0"]);
    }

    [Theory]
    [InlineData("verify nowhere.json", "nowhere.json")]
    [InlineData("key verify-commitment nowhere.json", "nowhere.json")]
    [InlineData("key commit nowhere.key", "nowhere.key")]
    public void Run_MissingFile_IsRefused(string arguments, string named) => AssertRefused(named, arguments.Split(' '));

    [Fact]
    public void Verify_NotAResult_IsRefused()
    {
        Detect("--out", folder.File("r.json"));
        Refused(json => json.AsObject().Remove("ledger"));
        Refused(json => json["format"] = "isotope-result-9");
        Refused(json => json["log10P"] = 0.5);
        Refused(json => json["ledger"]!["position"] = 2);
        Refused(json => json["inputs"]![0] = null);
        Refused(json => json["details"]!["classes"]![0] = null);
        Refused(json => json["details"]!["classes"]![0]!["cosine"] = 7);
        Refused(json => json["details"]!["others"]![0]!["log10P"] = "NaN");
        Refused(json => json["details"]!["rankCheck"]!["sets"] = 2_000_000_000);
        Refused(json => json["details"]!["dimension"] = "many");
        Refused(json => json["inputs"]![1]!["input"]!["size"] = -3, "--tested-network", test[3]);
        Refused(json => json["inputs"]!.AsArray().RemoveAt(0), ["--key", folder.File("k"), .. test[2..]]);
        Refused(json => json["inputs"]![1]!["input"]!["mean"] = new JsonArray(1, 2), "--tested-network", test[3]);

        void Refused(Action<JsonNode> change, params string[] more) => AssertRefused(": expected", ["verify", Change(change), .. more]);
    }

    private void Mark(string fraction = "0.1", params string[] more) =>
        Assert.Equal(
            0,
            Run([
                "mark",
                "--data",
                folder.File("vanilla"),
                "--key",
                folder.File("k"),
                "--network",
                test[1],
                "--out",
                folder.File("marked"),
                "--augment",
                "centre",
                "--fraction",
                fraction,
                .. more,
            ]).ExitCode
        );

    public void Dispose() => folder.Dispose();

    private void Commit()
    {
        using var signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(folder.File("private.pem"), signer.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder.File("settings.txt"), "response, fixed beforehand");
        Assert.Equal(
            0,
            Run(
                "key",
                "commit",
                folder.File("k"),
                "--settings",
                folder.File("settings.txt"),
                "--marking-network",
                test[1],
                "--sign",
                folder.File("private.pem"),
                "--out",
                folder.File("c.json")
            ).ExitCode
        );
    }

    private JsonElement Detect(params string[] more) =>
        Json(["detect", "white-box", "--anyway", "--key", folder.File("k"), .. test, "--probes", "200", .. more]);

    private string Change(Action<JsonNode> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(folder.File("r.json")))!;
        change(json);
        File.WriteAllText(folder.File("changed.json"), json.ToJsonString());
        return folder.File("changed.json");
    }

    private static string OutcomeOf(JsonElement report, string statement) =>
        report
            .GetProperty("findings")
            .EnumerateArray()
            .Single(finding => finding.GetProperty("statement").GetString() == statement)
            .GetProperty("outcome")
            .GetString()!;

    private static void AssertDiffers(string statement, params string[] arguments) =>
        Assert.Contains(
            Findings(["verify", .. arguments]),
            finding =>
                finding.GetProperty("outcome").GetString() == "Differs"
                && finding.GetProperty("statement").GetString()!.Contains(statement, StringComparison.Ordinal)
        );

    /// <summary>Of a command that finds that something differs.</summary>
    private static JsonElement.ArrayEnumerator Findings(params string[] arguments)
    {
        var (exitCode, output, _) = Run([.. arguments, "--json"]);
        Assert.Equal(1, exitCode);
        return JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray();
    }

    /// <summary>Looks when it is first written to.</summary>
    private sealed class Watched(Func<bool> look) : StringWriter
    {
        public bool? HeldAtFirst { get; private set; }

        public override void Write(char value)
        {
            HeldAtFirst ??= look();
            base.Write(value);
        }

        public override void Write(string? value)
        {
            HeldAtFirst ??= look();
            base.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            HeldAtFirst ??= look();
            base.Write(buffer, index, count);
        }
    }
}
