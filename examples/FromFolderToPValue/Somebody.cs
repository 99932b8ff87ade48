using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Training;

/// <summary>What is particular to the demo: its settings, and people who train on the images. Your suspects come from elsewhere.</summary>
internal static class Somebody
{
    /// <summary>Half of the images, at the demo's settings.</summary>
    public static DatasetMarkingOptions Marking { get; } =
        new()
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

    /// <summary>Retrains the classifier of a public network.</summary>
    public static void Retrains(string network, string images, string output)
    {
        using var suspect = (TorchNetwork)Network.Load(network);
        var training = new TrainingOptions
        {
            Epochs = 100,
            WeightDecay = 0,
            Augmentation = Augmentation.Centre,
        };
        new ClassifierTrainer(Dataset.Open(images), suspect, training).Run();
        suspect.Save(output);
    }
}
