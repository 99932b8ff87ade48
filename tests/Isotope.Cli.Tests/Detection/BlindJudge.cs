using Isotope.Datasets;

namespace Isotope.Cli.Tests.Detection;

/// <summary>A classifier of query images that looks at pixels alone: distance to the original, roughness, brightness, contrast.</summary>
internal static class BlindJudge
{
    public const int Features = 5;

    /// <summary>Mean features of each class's versions, the published one first: classes × versions × features.</summary>
    public static double[][][] Look(QuerySet set, string folder)
    {
        var pixels = set.Images.ToDictionary(
            image => (image.Id, image.Version ?? -1),
            image => ImageCodec.Decode(Path.Combine(folder, image.File))
        );
        return
        [
            .. set.ClassNames.Select(name =>
                Enumerable
                    .Range(0, set.Versions)
                    .Select(version =>
                        set.Images.Where(image => image.ClassName == name && image.Version == version)
                            .Select(image => Of(pixels[(image.Id, version)], pixels[(image.Id, -1)]))
                            .Aggregate(Sum)
                    )
                    .ToArray()
            ),
        ];
    }

    /// <summary>Rank of the published version in every class by a score.</summary>
    public static int[] Ranks(double[][][] looks, Func<double[], double> score) =>
        [.. looks.Select(versions => 1 + versions.Skip(1).Count(version => score(version) > score(versions[0])))];

    /// <summary>
    /// Nearest means, cross-validated: the direction from counterfactual to published versions of the other classes, in units of spread.
    /// </summary>
    public static int[] LearnedRanks(double[][][] looks) =>
        [
            .. Enumerable
                .Range(0, looks.Length)
                .Select(held =>
                {
                    var others = looks.Where((_, i) => i != held).ToArray();
                    var direction = Enumerable
                        .Range(0, Features)
                        .Select(f =>
                            others.Average(versions =>
                            {
                                var mean = versions.Average(version => version[f]);
                                return (versions[0][f] - mean) / Math.Sqrt(versions.Average(version => Math.Pow(version[f] - mean, 2)));
                            })
                        )
                        .ToArray();
                    var spread = Enumerable
                        .Range(0, Features)
                        .Select(f => looks[held].Max(version => version[f]) - looks[held].Min(version => version[f]))
                        .ToArray();
                    return Ranks([looks[held]], look => Enumerable.Range(0, Features).Sum(f => direction[f] * look[f] / spread[f]))[0];
                }),
        ];

    private static double[] Of(PixelImage image, PixelImage vanilla)
    {
        double[] values = [.. image.Pixels.Select(pixel => (double)pixel)];
        var mean = values.Average();
        var roughness = Enumerable.Range(1, values.Length - 1).Average(i => Math.Pow(values[i] - values[i - 1], 2));
        return
        [
            Quality.Compare(vanilla, image).Psnr ?? 100,
            vanilla.Pixels.Zip(image.Pixels, (x, y) => Math.Abs(x - y)).Average(),
            roughness,
            mean,
            values.Average(value => Math.Pow(value - mean, 2)),
        ];
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
