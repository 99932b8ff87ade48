// The owner's journey with the library: plan, mark, detect, verify. Takes what `isotope demo` leaves in its folder:
//   dotnet run --project examples/FromFolderToPValue -- isotope-demo work
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Training;

string Demo(string file) => Path.Combine(args[0], file);
string Work(string file) => Path.Combine(Directory.CreateDirectory(args[1]).FullName, file);

// Plan: draw a key, and commit to it and to what tests will take before any suspect is seen. Publish commitment.json.
var train = Dataset.Open(Demo("vanilla/train"));
using var marking = Network.Load(Demo("marker.safetensors"));
var key = CarrierKey.Create(train.ClassNames.Count, marking.FeatureDimension);
KeyFile.Save(key, Work("owner.key"));
TestInput[] inputs =
[
    TestInput.OfNetwork(TestInput.MarkingNetwork, Demo("marker.safetensors"), marking),
    TestInput.OfImages(TestInput.TestImages, Dataset.Open(Demo("vanilla/test"))),
];
PublishedCommitment.Of(key, settings: null, inputs).Save(Work("commitment.json"));

// Mark half of the images, at the demo's settings. Publish the folder marked, and keep its manifest.
var options = new MarkingOptions
{
    Psnr = 42,
    Iterations = 20,
    FeaturePenalty = 0.2,
    Augmentation = Augmentation.Centre,
};
new DatasetMarker(train, key, marking, new DatasetMarkingOptions { Fraction = 0.5, Marking = options }).Run(Work("marked"));

// Somebody retrains a classifier on them, somebody else on the vanilla images. (Your suspect comes from elsewhere: skip this.)
Retrain(Dataset.Open(Work("marked")), "suspect");
Retrain(train, "control");

// Detect: test both. Each test is counted in the ledger beside the key. Verify: read a result and make its test again.
foreach (var name in (string[])["suspect", "control"])
{
    var test = new WhiteBoxDescription
    {
        Key = new OwnerKey(Work("owner.key")),
        Commitment = Work("commitment.json"),
        MarkingNetwork = Demo("marker.safetensors"),
        TestedNetwork = Work($"{name}.safetensors"),
        Images = Demo("vanilla/test"),
        Manifest = Work("marked.manifest.json"),
        Probes = 4000,
    };
    test.Record().Save(Work($"{name}.json"));

    var result = TestResult.Load(Work($"{name}.json"));
    var given = new GivenAgain
    {
        Key = test.Key,
        Commitment = test.Commitment,
        Inputs = [.. test.Inputs],
    };
    var differing = Verification.Of(result, given).Count(finding => finding.Outcome == Outcome.Differs);
    Console.WriteLine($"{name}  log10 p = {result.Log10P:F1}. {result.Verdict} Made again: {differing} differ.");
}

void Retrain(Dataset images, string name)
{
    using var network = (TorchNetwork)Network.Load(Demo("marker.safetensors"));
    var training = new TrainingOptions
    {
        Epochs = 100,
        WeightDecay = 0,
        Augmentation = Augmentation.Centre,
    };
    new ClassifierTrainer(images, network, training).Run();
    network.Save(Work($"{name}.safetensors"));
}
