using System.CommandLine;
using Isotope.Detection;

namespace Isotope.Cli.Commands;

/// <summary>Values that are names on the command line.</summary>
internal static class Choices
{
    /// <summary>What the help says about the formats of datasets.</summary>
    public const string Datasets =
        "one folder per class, IDX, CIFAR batches, WebDataset tar shards, Hugging Face Parquet, or a CSV or JSONL list; a folder, a "
        + "file or a pattern";

    private static readonly Dictionary<string, WhiteBoxStatistic> Statistics = new(StringComparer.Ordinal)
    {
        ["response"] = WhiteBoxStatistic.Response,
        ["paper"] = WhiteBoxStatistic.Paper,
    };

    /// <summary>The option for the statistic of the white-box test.</summary>
    public static Option<string?> StatisticOption() =>
        new Option<string?>("--statistic")
        {
            Description =
                "The statistic that counts; fix it before you look (default: response where a reference has as many classes as the "
                + "suspect, else paper)",
            HelpName = string.Join('|', Statistics.Keys),
        }.AcceptOnlyFromAmong([.. Statistics.Keys]);

    /// <summary>The statistic of a name; null for none.</summary>
    /// <exception cref="IsotopeException">The name is unknown.</exception>
    public static WhiteBoxStatistic? FindStatistic(string? name)
    {
        if (name is null)
            return null;
        return Statistics.TryGetValue(name, out var statistic)
            ? statistic
            : throw new IsotopeException($"statistic: expected {string.Join(" or ", Statistics.Keys)}, found '{name}'");
    }
}
