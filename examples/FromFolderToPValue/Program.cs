// The owner's journey with the library: key, mark, (a thief trains,) detect, report. Takes what `isotope demo` leaves in its folder:
//   dotnet run --project examples/FromFolderToPValue -- isotope-demo work
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Training;

var (demo, work) = (args[0], Directory.CreateDirectory(args[1]).FullName);
var (train, test) = (Dataset.Open(Path.Combine(demo, "vanilla/train")), Dataset.Open(Path.Combine(demo, "vanilla/test")));
using var marking = Network.Load(Path.Combine(demo, "marker.safetensors"));

// The owner draws a key, and marks half of the images, at the demo's settings.
var key = CarrierKey.Create(train.ClassNames.Count, marking.FeatureDimension);
KeyFile.Save(key, Path.Combine(work, "owner.key"));
var options = new DatasetMarkingOptions
{
    Fraction = 0.5,
    Marking = new MarkingOptions
    {
        Psnr = 42,
        Iterations = 20,
        FeaturePenalty = 0.2,
        Augmentation = Augmentation.Centre,
    },
};
var manifest = new DatasetMarker(train, key, marking, options).Run(Path.Combine(work, "marked"));
Console.WriteLine($"marked   {manifest.Images.Count} images at {manifest.Images.Average(image => image.Psnr):F1} dB");

// Somebody retrains a classifier on them, somebody else on the vanilla images. (Your suspect comes from elsewhere: skip this.)
Retrain(Dataset.Open(Path.Combine(work, "marked")), "suspect.safetensors");
Retrain(train, "vanilla.safetensors");

// The owner tests both. Six lines from folder to p-value:
using var tested = Network.Load(Path.Combine(work, "suspect.safetensors"));
var result = WhiteBoxTest.Run(key, marking, tested, test, new WhiteBoxOptions { Probes = 4000 }, manifest);
using var untouched = Network.Load(Path.Combine(work, "vanilla.safetensors"));
var control = WhiteBoxTest.Run(key, marking, untouched, test, new WhiteBoxOptions { Probes = 4000 }, manifest);
Console.WriteLine($"suspect  log10 p = {result.PValue.Log10:F1}. {result.Verdict}");
Console.WriteLine($"control  log10 p = {control.PValue.Log10:F1}. {control.Verdict}");

void Retrain(Dataset images, string file)
{
    using var network = (TorchNetwork)Network.Load(Path.Combine(demo, "marker.safetensors"));
    new ClassifierTrainer(
        images,
        network,
        new TrainingOptions
        {
            Epochs = 100,
            WeightDecay = 0,
            Augmentation = Augmentation.Centre,
        }
    ).Run();
    network.Save(Path.Combine(work, file));
}
