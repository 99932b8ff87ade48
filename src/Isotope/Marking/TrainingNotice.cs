using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;

namespace Isotope.Marking;

/// <summary>
/// A notice to those who train on published images: CAWG's training and data mining assertion for machines, and a text for people.
/// </summary>
internal static class TrainingNotice
{
    /// <summary>The assertion, as JSON (CAWG Training and Data Mining Assertion 1.0).</summary>
    public const string AssertionFile = "training-mining.json";

    /// <summary>The text.</summary>
    public const string TextFile = "TRAINING-NOTICE.txt";

    private static readonly string[] Uses = ["cawg.data_mining", "cawg.ai_training", "cawg.ai_generative_training"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes both beside the images.</summary>
    /// <param name="folder">The folder of the images.</param>
    /// <param name="commitment">The commitment of the key that they were marked with.</param>
    /// <exception cref="IsotopeException">They can't be written.</exception>
    public static void Write(string folder, string commitment)
    {
        Write(folder, AssertionFile, Assertion(commitment).ToJsonString(Indented) + "\n");
        Write(folder, TextFile, Text(commitment));
    }

    private static JsonObject Assertion(string commitment)
    {
        var entries = new JsonObject();
        foreach (var use in Uses)
            entries[use] = new JsonObject { ["use"] = "notAllowed" };
        return new JsonObject
        {
            ["label"] = "cawg.training-mining",
            ["data"] = new JsonObject { ["entries"] = entries },
            ["commitment"] = commitment,
        };
    }

    private static string Text(string commitment) =>
        $"""
            NOTICE TO THOSE WHO TRAIN ON THESE IMAGES

            Training a machine-learning model on these images, and mining them for data, is not allowed without a licence from
            their owner. {AssertionFile} says the same to machines.

            Images in this folder carry radioactive marks. A model that was trained on them can be tested for the marks, and the
            test gives a p-value that anybody can check against this commitment to the owner's key:

            {commitment}

            """.ReplaceLineEndings("\n");

    private static void Write(string folder, string name, string text)
    {
        AtomicFile.WriteBelow(folder, name, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        File.SetLastWriteTimeUtc(Path.Combine(folder, name), AtomicFile.PublishedTime);
    }
}
