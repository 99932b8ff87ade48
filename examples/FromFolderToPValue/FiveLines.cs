using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;

/// <summary>What the documentation shows; compiled here so that it stays true.</summary>
internal static class FiveLines
{
    public static void Run()
    {
        using var marking = Network.Load("resnet20:resnet20.th");
        using var suspect = Network.Load("suspect.safetensors");
        var (key, images) = (KeyFile.Load("owner.key"), Dataset.Open("test"));
        var result = WhiteBoxTest.Run(key, marking, suspect, images);
        Console.WriteLine($"{result.Verdict} (log10 p = {result.PValue.Log10:F1})");
    }
}
