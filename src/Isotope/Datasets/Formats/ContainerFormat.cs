using System.Globalization;

namespace Isotope.Datasets.Formats;

/// <summary>The files of many images that a dataset is stored in.</summary>
/// <param name="Format">Their format.</param>
/// <param name="Folder">The folder that they lie in or below.</param>
/// <param name="Files">Files with images, in the dataset's order.</param>
/// <param name="Companions">Files without images that belong to them, such as labels.</param>
internal sealed record Container(ContainerFormat Format, string Folder, IReadOnlyList<string> Files, IReadOnlyList<string> Companions);

/// <summary>An image that takes the place of another.</summary>
/// <param name="Source">The place.</param>
/// <param name="Extension">That of its encoding.</param>
/// <param name="Read">Gives the bytes that go there.</param>
internal sealed record Replacement(ImageSource Source, string Extension, Func<byte[]> Read);

/// <summary>A format of files that hold many images: how they are written with some images replaced.</summary>
internal abstract class ContainerFormat : DatasetFormat
{
    /// <summary>
    /// Images that a file may list however small it is. Packed files, and repeated values in Parquet, list any number in some bytes, and
    /// each takes some 200 bytes of memory.
    /// </summary>
    private const long UnquestionedImages = 1_000_000;

    /// <summary>Bytes of the file that each image takes at least where they are more: MNIST's take 160, packed.</summary>
    private const long LeastBytes = 16;

    /// <summary>Refuses a file that lists more images than its bytes can hold.</summary>
    /// <exception cref="IsotopeException">It does.</exception>
    internal static void CheckCount(string file, long images)
    {
        var length = new FileInfo(file).Length;
        var most = Math.Max(UnquestionedImages, length / LeastBytes);
        if (images > most)
            throw new IsotopeException(
                string.Create(CultureInfo.InvariantCulture, $"{file}: expected at most {most} images in {length} bytes, found {images}")
            );
    }

    /// <summary>The id of the marked version of an image, given the extension of its encoding.</summary>
    public virtual string MarkedId(string id, string extension) => Dataset.Stem(id) + extension;

    /// <summary>Refuses an encoding that marked images can't have.</summary>
    /// <exception cref="IsotopeException">The format can't store it.</exception>
    public virtual void Require(ImageEncoding encoding) { }

    /// <summary>A marked image as it is stored.</summary>
    /// <exception cref="IsotopeException">The encoding can't hold it.</exception>
    public virtual EncodedImage Encode(LabelledImage original, PixelImage marked, ImageEncoding encoding) =>
        encoding.Encode(original.Id, marked);

    /// <summary>Writes a file of images with some of them, at least one, replaced, and everything else as it is.</summary>
    /// <exception cref="IsotopeException">The file can't be read, or holds what can't be written.</exception>
    public abstract void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output);

    /// <summary>The dataset of these images, which are in files of this format.</summary>
    /// <exception cref="IsotopeException">Two images have one name.</exception>
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
