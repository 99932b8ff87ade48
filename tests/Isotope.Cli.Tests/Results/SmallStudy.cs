namespace Isotope.Cli.Tests.Results;

/// <summary>A study that takes seconds: three classes of small images, and a random marking network.</summary>
internal static class SmallStudy
{
    /// <summary>Writes the datasets and the network that its recipe names.</summary>
    public static void WriteStudyData(this TemporaryFolder folder)
    {
        Fixtures.WriteFolder(folder.File("train"), perClass: 16);
        Fixtures.WriteFolder(folder.File("test"), perClass: 8);
        using var network = Fixtures.RandomNetwork();
        network.Save(folder.File("marker.safetensors"));
    }

    /// <summary>Writes its recipe, <c>small.json</c>.</summary>
    public static string WriteStudy(
        this TemporaryFolder folder,
        string settings,
        string axes = "",
        string q = "0, 1",
        int probes = 60,
        string measure = "log10P"
    )
    {
        if (settings.Length == 0)
            settings = "\"marking\": {\"iterations\": 6, \"psnr\": 30},";
        var recipe = $$$"""
            {
              "study": "small", "title": "t", "paper": "p", "claim": "c", "rowAxis": "q", "measures": ["{{{measure}}}"],
              "settings": {
                "train": "train", "imagesPerClass": 12, "test": "test", "markingNetwork": "marker.safetensors", "markedFraction": 1,
                {{{settings}}}
                "thief": {"training": {"epochs": 60, "augmentation": "Centre"}},
                "owner": {"references": 1, "probes": {{{probes}}}},
                "measure": ["WhiteBox", "Decomposition"]
              },
              "axes": {"q": [{{{q}}}]{{{axes}}} }
            }
            """;
        return folder.Write("small.json", System.Text.Encoding.UTF8.GetBytes(recipe));
    }
}
