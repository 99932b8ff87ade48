using Isotope.Analysis;
using Isotope.Baselines;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Statistics;
using Isotope.Training;

namespace Isotope.Cli.Studies;

/// <summary>Takes a cell's measures.</summary>
internal sealed class Measures(
    Workshop shop,
    CellSettings cell,
    Network marking,
    Published published,
    Dataset train,
    Dataset test,
    Trained model,
    Measured measured
)
{
    private const int OtherTriggers = 20;
    private readonly Dictionary<string, IReadOnlyList<double[]>> rows = [];

    /// <summary>Takes one of them.</summary>
    /// <param name="measure">Which.</param>
    /// <param name="vanilla">A model that such a thief makes of vanilla images, of another seed.</param>
    /// <param name="references">The owner's own models.</param>
    public void Take(MeasureKind measure, Func<Trained> vanilla, Func<IReadOnlyList<Trained>> references)
    {
        switch (measure)
        {
            case MeasureKind.WhiteBox:
                WhiteBox(references());
                break;
            case MeasureKind.Classes:
                Classes();
                break;
            case MeasureKind.BlackBox:
                BlackBox(references());
                break;
            case MeasureKind.Decomposition:
                Decompose(vanilla());
                break;
            case MeasureKind.Cosines:
                Cosines(vanilla());
                break;
            case MeasureKind.Images:
                Images();
                break;
            default:
                ActivateTrigger();
                break;
        }
    }

    /// <summary>The Fourier watermark of a cell, and its key.</summary>
    public static (FourierWatermark Watermark, CarrierKey Key) Watermark(CellSettings cell, Dataset train)
    {
        var image = train.Images[0].Source.Decode();
        var key = CarrierKey.FromSeed(
            train.ClassNames.Count,
            FourierWatermark.DimensionOf(image.Width, image.Height, image.Channels),
            10_000 + cell.Seed
        );
        return (new FourierWatermark(key, image.Width, image.Height, image.Channels), key);
    }

    /// <summary>The backdoor's trigger of a cell.</summary>
    public static GaussianTrigger Trigger(CellSettings cell) => new(10_000 + cell.Seed, cell.Marking.Psnr!.Value);

    private void WhiteBox(IReadOnlyList<Trained> references)
    {
        using var tested = Network.Load(model.Path, shop.Device);
        using var owned = new LoadedNetworks(
            references.Select((reference, i) => new InputPath(TestInput.ReferenceName(i), reference.Path)),
            new TestEnvironment { Device = shop.Device }
        );
        var manifest = published.Manifest is { Images.Count: > 0 } marked ? marked : null;
        var options = new WhiteBoxOptions { References = owned.Networks, Probes = cell.Owner.Probes };
        var result = WhiteBoxTest.Run(published.Key, marking, tested, test, options, manifest, shop.Progress, shop.Cancellation);
        var paper =
            result.Statistic == "paper"
                ? result.PValue
                : result.Others.Single(other => (other.Statistic, other.Combination) == ("paper", Combination.Fisher)).PValue;
        measured["log10P"] = result.PValue.Log10;
        measured["log10PPaper"] = paper.Log10;
        measured["rSquared"] = result.Alignment.RSquared;
        measured["meanCosine"] = result.Classes.Average(c => c.Cosine);
        measured["wrongKeysBelow1Percent"] = (double)result.RankCheck!.BelowPercent / result.RankCheck.Sets;
        measured.Series["cosines"] = [.. result.Classes.Select(c => c.Cosine)];
        if (manifest is null)
            return;
        var summary = MarkingSummary.Of(manifest.Images);
        measured["displacement"] = summary.MeanDisplacement;
        if (summary.MeanPsnr is { } psnr)
            measured["psnr"] = psnr;
    }

    /// <summary>After the white-box test, whose cosines it takes.</summary>
    private void Classes()
    {
        using var tested = Network.Load(model.Path, shop.Device);
        var accuracies = Evaluation.ClassAccuracies(tested, test, shop.Progress, shop.Cancellation);
        var cosines =
            measured.Series.GetValueOrDefault("cosines")
            ?? throw new IsotopeException("measure: expected whiteBox before classes, found it missing");
        measured.Series["accuracies"] = accuracies;
        if (accuracies.Distinct().Count() == 1)
            return; // No order to correlate with: a model that learned nothing, or everything.
        var result = Spearman.Test(accuracies, cosines);
        measured["spearman"] = result.Rho;
        measured["spearmanLog10P"] = result.PValue.Log10;
    }

    private void BlackBox(IReadOnlyList<Trained> references)
    {
        var folder = shop.MakeQueries(cell, train, published, marking);
        var test = new BlackBoxTest(QuerySet.Load(folder), folder, published.Key, new BlackBoxOptions { WithVanilla = true });
        using var suspect = Box(model);
        using var reference = references.Count > 0 ? Box(references[0]) : null;
        var result = test.Run(suspect, reference, shop.Progress, shop.Cancellation);
        measured["log10PBlackBox"] = result.PValue.Log10;
        measured["queries"] = result.Queries;
        if (result.LossGap is not { } gap)
            return;
        (measured["lossGap"], measured["lossGapLow"], measured["lossGapHigh"]) = (gap.Mean, gap.Low, gap.High);
    }

    private LocalBlackBox Box(Trained trained) => new(Network.Load(trained.Path, shop.Device), new Access(OutputKind.Probabilities));

    private void Decompose(Trained vanilla)
    {
        var parts = ClassifierDecomposition.Of(Rows(model), Rows(vanilla), published.Key);
        measured["semantic"] = parts.Average(part => part.Semantic);
        measured["mark"] = parts.Average(part => part.Mark);
        measured["carrierCosine"] = parts.Average(part => part.CarrierCosine);
        measured["projectionNorm"] = parts.Average(part => part.ProjectionNorm);
        measured.Series["semantic by class"] = [.. parts.Select(part => part.Semantic)];
        measured.Series["mark by class"] = [.. parts.Select(part => part.Mark)];
        measured.Series["projection norm by class"] = [.. parts.Select(part => part.ProjectionNorm)];
    }

    private void Cosines(Trained vanilla)
    {
        var sample = CosineSample.Of(Rows(model), Rows(vanilla), published.Key);
        (measured.Series["random"], measured.Series["carrier"], measured.Series["semantic"]) = (
            sample.Random,
            sample.Carrier,
            sample.Semantic
        );
        measured["randomDeviation"] = Math.Sqrt(sample.Random.Average(c => c * c));
        measured["carrierMean"] = sample.Carrier.Average();
        measured["semanticMean"] = sample.Semantic.Average();
    }

    private IReadOnlyList<double[]> Rows(Trained trained)
    {
        if (rows.TryGetValue(trained.Path, out var known))
            return known;
        using var tested = Network.Load(trained.Path, shop.Device);
        return rows[trained.Path] = AlignedClassifier.Compute(marking, tested, test, shop.Progress, shop.Cancellation).Rows;
    }

    private void Images()
    {
        if (cell.Mark == MarkKind.Fourier)
        {
            var (watermark, _) = Watermark(cell, train);
            using var tested = Network.Load(model.Path, shop.Device);
            measured["log10PImages"] = watermark.TestImages(published.Images, shop.Cancellation).Log10;
            measured["log10PModel"] = watermark.TestModel(tested, test, shop.Cancellation).Log10;
            return;
        }

        var result = ImageTest.WithReference(published.Key, marking, published.Images, test, shop.Progress, shop.Cancellation);
        measured["log10PImages"] = result.PValue.Log10;
    }

    private void ActivateTrigger()
    {
        using var tested = Network.Load(model.Path, shop.Device);
        var trigger = Trigger(cell);
        var own = trigger.Activation(tested, test, Experiment.BackdoorLabel, shop.Cancellation);
        TriggerActivation[] others =
        [
            .. Enumerable
                .Range(1, OtherTriggers)
                .Select(i =>
                    (trigger with { Seed = trigger.Seed + 1_000_000 * i }).Activation(
                        tested,
                        test,
                        Experiment.BackdoorLabel,
                        shop.Cancellation
                    )
                ),
        ];
        measured["triggerRaised"] = own.Raised;
        measured["triggerChange"] = own.MeanChange;
        measured["noiseRaised"] = others.Average(other => other.Raised);
        measured["noiseRaisedMost"] = others.Max(other => other.Raised);
        measured["noiseChange"] = others.Average(other => other.MeanChange);
        measured["rank"] = 1 + others.Count(other => other.MeanChange >= own.MeanChange);
        measured.Series["noise raised"] = [.. others.Select(other => other.Raised)];
    }
}
