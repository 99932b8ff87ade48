using System.Globalization;

namespace Isotope.Datasets.Formats;

/// <summary>The files of many images in which a dataset is stored.</summary>
/// <param name="Format">The format of the files.</param>
/// <param name="Folder">The folder that contains the files, directly or below it.</param>
/// <param name="Files">The files with images, in the dataset's order.</param>
/// <param name="Companions">The files without images that belong to them, such as labels.</param>
internal sealed record Container(ContainerFormat Format, string Folder, IReadOnlyList<string> Files, IReadOnlyList<string> Companions);

/// <summary>An image that replaces another in its file.</summary>
/// <param name="Source">The image that is replaced.</param>
/// <param name="Extension">The extension of the new image's encoding; null if its name stays.</param>
/// <param name="Read">Gives the bytes of the new image.</param>
internal sealed record Replacement(ImageSource Source, string? Extension, Func<byte[]> Read);

/// <summary>A format of files with many images, which can be rewritten with some of the images replaced.</summary>
internal abstract class ContainerFormat : DatasetFormat
{
    /// <summary>
    /// A file of any size may list so many images. Compressed files, and repeated values in Parquet, can list any number of images in a few
    /// bytes, and each takes about 200 bytes of memory.
    /// </summary>
    private const long UnquestionedImages = 1_000_000;

    /// <summary>If a file lists more images, each must take at least so many of its bytes; MNIST's take 160 when compressed.</summary>
    private const long LeastBytes = 16;

    /// <summary>Refuses a file that lists more images than its bytes can hold.</summary>
    /// <exception cref="IsotopeException">It lists more.</exception>
    internal static void CheckCount(string file, long images)
    {
        var length = new FileInfo(file).Length;
        var most = Math.Max(UnquestionedImages, length / LeastBytes);
        if (images > most)
            throw new IsotopeException(
                string.Create(CultureInfo.InvariantCulture, $"{file}: expected at most {most} images in {length} bytes, found {images}")
            );
    }

    /// <summary>The id of an image's marked version.</summary>
    public virtual string MarkedId(LabelledImage image, ImageEncoding encoding) => encoding.NameOf(image.Id, image.Source);

    /// <summary>Refuses an encoding that the format can't store.</summary>
    /// <exception cref="IsotopeException">The format can't store it.</exception>
    public virtual void Require(ImageEncoding encoding) { }

    /// <summary>Refuses a file that can be read, but not written again.</summary>
    /// <exception cref="IsotopeException">It holds something that can't be written.</exception>
    public virtual void RequireRewritable(string file) { }

    /// <summary>Encodes a marked image as the format stores it.</summary>
    /// <exception cref="IsotopeException">The encoding can't hold the image.</exception>
    public virtual EncodedImage Encode(LabelledImage original, PixelImage marked, ImageEncoding encoding) =>
        encoding.Encode(original.Source, marked);

    /// <summary>Writes a file again with at least one image replaced; everything else stays the same.</summary>
    /// <exception cref="IsotopeException">The file can't be read, or holds something that can't be written.</exception>
    public abstract void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output);

    /// <summary>Makes a dataset of images that are stored in files of this format.</summary>
    /// <exception cref="IsotopeException">Two images have the same id.</exception>
    protected Dataset Make(
        string root,
        IReadOnlyList<string> classNames,
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<string> files,
        params IReadOnlyList<string> companions
    )
    {
        if (images.CountBy(image => image.Id, StringComparer.Ordinal).FirstOrDefault(image => image.Value > 1) is { Key: { } repeated })
            throw new IsotopeException($"{root}: expected each image once, found {repeated} several times");
        return new Dataset(root, classNames, images) { Container = new Container(this, DatasetPath.FolderOf(root), files, companions) };
    }
}
