using System.Globalization;
using Isotope.Datasets;
using Isotope.Datasets.Jpegs;
using Isotope.Datasets.Originals;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>An image that can't be marked.</summary>
/// <param name="Image">The image.</param>
/// <param name="Problem">Why not, with its name.</param>
internal sealed record UnreadableImage(LabelledImage Image, string Problem);

/// <summary>
/// Looks at the images that will be marked before any of them is, so that a bad one is known in the beginning, and all bad ones at once.
/// Decoding takes some thousandth of the time that marking does.
/// </summary>
internal static class MarkingSurvey
{
    private const int MostNamed = 5;
    private const int ReportEvery = 64;

    /// <summary>The images among some that can't be decoded, or not be encoded as their marked versions will.</summary>
    /// <param name="images">Images to mark.</param>
    /// <param name="form">How they will be written.</param>
    /// <param name="encoding">As what.</param>
    /// <param name="progress">Images looked at.</param>
    /// <param name="cancellation">Checked at every image.</param>
    public static IReadOnlyList<UnreadableImage> Run(
        IReadOnlyList<LabelledImage> images,
        MarkedOutput form,
        ImageEncoding encoding,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var problems = new string?[images.Count];
        var done = 0;
        Parallel.For(
            0,
            images.Count,
            new ParallelOptions { CancellationToken = cancellation },
            i =>
            {
                problems[i] = ProblemOf(images[i], form, encoding);
                var count = Interlocked.Increment(ref done);
                if (count % ReportEvery == 0)
                    progress?.Report(new StageProgress("looking", count, images.Count));
            }
        );
        return
        [
            .. images.Zip(problems).Where(pair => pair.Second is not null).Select(pair => new UnreadableImage(pair.First, pair.Second!)),
        ];
    }

    /// <summary>The exception that says all of them.</summary>
    public static IsotopeException Refusal(IReadOnlyList<UnreadableImage> unreadable, int images)
    {
        var named = string.Join("; ", unreadable.Take(MostNamed).Select(image => image.Problem));
        var more = unreadable.Count > MostNamed ? $"; and {unreadable.Count - MostNamed} more" : "";
        return new IsotopeException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"--data: expected images to mark, found {unreadable.Count} of {images} that can't be: {named}{more}. Mend them, or leave "
                    + $"them unmarked with --skip-unreadable"
            )
        );
    }

    private static string? ProblemOf(LabelledImage image, MarkedOutput form, ImageEncoding encoding)
    {
        try
        {
            var pixels = image.Source.Decode();
            var file = encoding.Copy(image.Source);
            if (encoding.KeepsJpeg(image.Source, file))
                JpegFile.Read(image.Source.Name, ImageMetadata.WithoutCredentials(file).File);
            else
                form.Encode(image, pixels);
            return null;
        }
        catch (IsotopeException e)
        {
            return e.Message;
        }
    }
}
