using System.Runtime.InteropServices;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;

namespace Isotope.Detection.Readings;

/// <summary>
/// Tries the usual ways of giving images to a network, and tells which recognises most. All it looks at is vanilla, so a test afterwards is
/// as exact as before.
/// </summary>
/// <param name="Given">The way that was stated or assumed.</param>
/// <param name="Tried">All ways that the network can take, the best one first; finalists were tried on more images.</param>
/// <param name="ByOrder">Whether ways were compared by the accuracy in the classes' order; else by that of matched classes.</param>
internal sealed record InputSearch(TriedInput Given, IReadOnlyList<TriedInput> Tried, bool ByOrder)
{
    /// <summary>Images of the first look.</summary>
    private const int FirstLook = 100;

    /// <summary>Images that finalists are compared on.</summary>
    public const int SecondLook = 400;

    /// <summary>Images on which the given and the best way are compared where that leaves a doubt.</summary>
    private const int ThirdLook = 2000;

    private const int Finalists = 4;

    /// <summary>Two rounds of normalisations in both orders, and the sizes.</summary>
    private static readonly int MostWays = 4 * Preprocessing.All.Count + 6;

    private const int ImageNetSize = 224;
    private const double ImageNetCrop = 224.0 / 256;
    private const int MediumSize = 64;

    /// <summary>A way is better if this many standard errors and this share of images say so.</summary>
    private const double ClearlyBehind = 4;
    private const double PerhapsBehind = 1.5;
    private const double LeastGain = 0.03;

    /// <summary>Accuracy in order may lie so far below the matched one before classes count as standing elsewhere.</summary>
    private const double OrderSlack = 0.1;

    /// <summary>The best way.</summary>
    public TriedInput Best => Tried[0];

    /// <summary>Whether the best way is clearly better than the given one.</summary>
    public bool IsMisread => Given.Behind(Best, ByOrder) >= ClearlyBehind && Best.Accuracy(ByOrder) >= Given.Accuracy(ByOrder) + LeastGain;

    /// <summary>Runs the search. The network keeps the input that it came with.</summary>
    /// <param name="network">The network.</param>
    /// <param name="images">Vanilla images with classes.</param>
    /// <param name="progress">Ways tried.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <exception cref="IsotopeException">The network can't take the input that it came with, or an image can't be decoded.</exception>
    public static InputSearch Run(
        Network network,
        Dataset images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var sample = LabelledSample.Of(images, SecondLook, cancellation);
        var given = network.Input;
        try
        {
            var (first, byOrder) = FirstLookAt(network, sample, progress, cancellation);
            var finalists = first.Take(Finalists).Select(tried => tried.Input).Append(given).DistinctBy(input => $"{input}");
            List<TriedInput> second = [.. finalists.Select(input => Try(network, input, sample, cancellation)!)];
            var rest = first.Where(tried => second.All(other => !other.Input.IsSame(tried.Input)));
            TriedInput[] all = [.. second.OrderByDescending(tried => tried.Accuracy(byOrder)), .. rest];
            var found = new InputSearch(second.First(tried => tried.Input.IsSame(given)), all, byOrder);
            return found.IsDoubtful ? found.LookedAtAgain(network, images, cancellation) : found;
        }
        finally
        {
            network.TakeInput(given);
        }
    }

    /// <summary>Whether the best way may be better, and more images would tell.</summary>
    private bool IsDoubtful => Given.Behind(Best, ByOrder) is >= PerhapsBehind and < ClearlyBehind;

    /// <summary>The same, with the given and the best way compared on more images.</summary>
    private InputSearch LookedAtAgain(Network network, Dataset images, CancellationToken cancellation)
    {
        var sample = LabelledSample.Of(images, ThirdLook, cancellation);
        var given = Try(network, Given.Input, sample, cancellation)!;
        var best = Try(network, Best.Input, sample, cancellation)!;
        TriedInput[] both = best.Accuracy(ByOrder) > given.Accuracy(ByOrder) ? [best, given] : [given, best];
        return this with { Given = given, Tried = [.. both, .. Tried.Where(tried => both.All(one => !one.Input.IsSame(tried.Input)))] };
    }

    /// <summary>
    /// Normalisations at the given size, then sizes with the best normalisation, then, where another size is better, normalisations again.
    /// Large views cost much: they are tried for a network that takes large ones already, or if it recognises nothing yet.
    /// </summary>
    private static (IReadOnlyList<TriedInput> Tried, bool ByOrder) FirstLookAt(
        Network network,
        LabelledSample sample,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var given = network.Input;
        var few = sample.First(FirstLook);
        List<TriedInput> tried = [Outputs.Read(network, few, cancellation)];
        TryAll(Normalisations(given));
        var best = Best();
        TryAll(Sizes(best, [(best.Size, 1), (best.Size, ImageNetCrop), (sample.Side, 1), (32, 1)]));
        if (best.Size >= MediumSize || tried.All(one => one.Reading.IsNearChance))
            TryAll(Sizes(best, [(ImageNetSize, ImageNetCrop), (ImageNetSize, 1)]));
        if (Best() is var other && (other.Size, other.CentreRatio) != (best.Size, best.CentreRatio))
            TryAll(Normalisations(other));
        var byOrder = IsInOrder(tried);
        return ([.. tried.OrderByDescending(one => one.Accuracy(byOrder))], byOrder);

        InputSpec Best() => tried.MaxBy(one => one.Accuracy(IsInOrder(tried)))!.Input;

        void TryAll(IEnumerable<InputSpec> inputs)
        {
            foreach (var input in inputs.Where(input => !tried.Any(one => one.Input.IsSame(input))).ToArray())
            {
                if (Try(network, input, few, cancellation) is { } one)
                    tried.Add(one);
                progress?.Report(new StageProgress("trying inputs", tried.Count, MostWays));
            }
        }
    }

    /// <summary>
    /// Whether classes stand in their order: given images in the right way, a network then does about as well as with matched classes. In a
    /// wrong way it may still tell classes apart, and answer with others.
    /// </summary>
    private static bool IsInOrder(IReadOnlyList<TriedInput> tried) =>
        tried.Max(one => one.Reading.Accuracy) >= tried.Max(one => one.Reading.MatchedAccuracy) - OrderSlack;

    private static IEnumerable<InputSpec> Normalisations(InputSpec input) =>
        from known in Preprocessing.All
        from order in Enum.GetValues<ChannelOrder>()
        select input with
        {
            Mean = known.Mean,
            Std = known.Std,
            Channels = order,
        };

    private static IEnumerable<InputSpec> Sizes(InputSpec input, (int Size, double Crop)[] ways) =>
        from way in ways
        where way.Size is >= 8 and <= InputSpec.LargestSize
        select input with
        {
            Size = way.Size,
            CentreRatio = way.Crop,
        };

    /// <summary>Null if the network can't take views of this size.</summary>
    private static TriedInput? Try(Network network, InputSpec input, LabelledSample sample, CancellationToken cancellation)
    {
        network.TakeInput(input);
        try
        {
            return Outputs.Read(network, sample, cancellation);
        }
        catch (Exception e) when (e is IsotopeException or ExternalException && !MemoryShortage.Is(e))
        {
            return null;
        }
    }
}
