// The owner's journey with the library: plan, mark, detect, verify. Takes what `isotope demo` leaves in its folder:
//   dotnet run --project examples/FromFolderToPValue -- isotope-demo work
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Marking;
using Isotope.Networks;

var demo = Path.GetFullPath(args[0]);
var (marker, vanilla) = ($"{demo}/marker.safetensors", $"{demo}/vanilla");
Directory.SetCurrentDirectory(Directory.CreateDirectory(args[1]).FullName);

// Plan: draw a key, and commit to it and to what tests will take before any suspect is seen. Publish commitment.json.
using var network = Network.Load(marker);
var (train, test) = (Dataset.Open($"{vanilla}/train"), Dataset.Open($"{vanilla}/test"));
var key = CarrierKey.Create(train.ClassNames.Count, network.FeatureDimension);
KeyFile.Save(key, "owner.key");
var (marking, images) = (TestInput.OfNetwork("marking-network", marker, network), TestInput.OfImages("images", test));
PublishedCommitment.Of(key, settings: null, [marking, images]).Save("commitment.json");

// Mark: publish the folder marked, and keep its manifest.
new DatasetMarker(train, key, network, Somebody.Marking).Run("marked");

// Somebody trains on the marked images, somebody else on the vanilla ones.
Somebody.Retrains(marker, "marked", "suspect.safetensors");
Somebody.Retrains(marker, $"{vanilla}/train", "control.safetensors");

foreach (var name in (string[])["suspect", "control"])
{
    // Detect: the test is counted in the ledger beside the key before anybody sees its p-value.
    var planned = new WhiteBoxDescription
    {
        Key = new OwnerKey("owner.key"),
        Commitment = "commitment.json",
        MarkingNetwork = marker,
        TestedNetwork = $"{name}.safetensors",
        Images = $"{vanilla}/test",
        Manifest = "marked.manifest.json",
        Probes = 4000,
    };
    planned.Record().Save($"{name}.json");

    // Verify: anybody who has the inputs reads the result and makes the test again.
    var result = TestResult.Load($"{name}.json");
    var differing = Verification.Of(result, GivenAgain.Of(planned)).Count(finding => finding.Outcome == Outcome.Differs);
    Console.WriteLine($"{name}  log10 p = {result.Log10P:F1}. {result.Verdict} Made again: {differing} differ.");
}
