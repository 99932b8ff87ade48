using Isotope.Detection.Readings;
using Isotope.Networks;

namespace Isotope.Cli.Commands.Models;

/// <summary>What <c>network check</c> found.</summary>
/// <param name="Network">The file.</param>
/// <param name="Sha256">Hash of the file.</param>
/// <param name="Architecture">As it was recognised.</param>
/// <param name="Classes">Number of classes; 0 if there is no classifier.</param>
/// <param name="Assumed">Whether the given normalisation is a guess.</param>
/// <param name="Given">The input that was stated or assumed, in words.</param>
/// <param name="Best">The input to use, in words: the given one, unless another is clearly better.</param>
/// <param name="IsMisread">Whether another one is clearly better.</param>
/// <param name="IsNearChance">Whether even the best one does no better than a guess.</param>
/// <param name="Order">Where each class of the images stands among the network's outputs, if in another order.</param>
/// <param name="Tried">All ways that were tried, the best one first.</param>
internal sealed record CheckReport(
    string Network,
    string? Sha256,
    string Architecture,
    int Classes,
    bool Assumed,
    string Given,
    string Best,
    bool IsMisread,
    bool IsNearChance,
    IReadOnlyList<ClassPlace>? Order,
    IReadOnlyList<TriedWay> Tried
)
{
    /// <summary>Says what a search found.</summary>
    public static CheckReport Of(string file, Network network, InputSearch search, IReadOnlyList<ClassPlace>? order) =>
        new(
            file,
            network.Sha256,
            network.Architecture,
            network.Classes,
            network.InputIsAssumed,
            $"{search.Given.Input}",
            $"{(search.IsMisread ? search.Best : search.Given).Input}",
            search.IsMisread,
            search.Best.Reading.IsNearChance,
            order,
            [.. search.Tried.Select(tried => new TriedWay($"{tried.Input}", tried.Reading))]
        );
}

/// <summary>One way of giving images to a network, and how the network did.</summary>
/// <param name="Input">The way, in the words of <c>--tested-input</c>.</param>
/// <param name="Reading">How the network did.</param>
internal sealed record TriedWay(string Input, NetworkReading Reading);

/// <summary>Where a class of the images stands among a network's outputs.</summary>
/// <param name="Class">The class.</param>
/// <param name="Output">Index of the output that is largest for most of its images.</param>
/// <param name="Share">Share of its images for which that output is the largest.</param>
internal sealed record ClassPlace(string Class, int Output, double Share)
{
    /// <summary>The places of all classes that have images, by votes of one row per class.</summary>
    public static IReadOnlyList<ClassPlace> Of(IReadOnlyList<string> classes, int[][] votes) =>
        [
            .. from place in classes.Zip(votes)
            where place.Second.Sum() > 0
            let most = place.Second.Index().MaxBy(vote => vote.Item)
            select new ClassPlace(place.First, most.Index, most.Item / (double)place.Second.Sum()),
        ];
}
