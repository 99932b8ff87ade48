using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Isotope.Datasets;
using Parquet;
using Parquet.Schema;

namespace Isotope.Tests.Datasets.Formats;

/// <summary>Small datasets of every layout: eight images of 32 × 32 pixels, in two classes in turn.</summary>
internal static class LayoutFiles
{
    public const int Count = 8;

    public static readonly string[] Classes = ["cat", "dog"];

    /// <summary>The images, in colour.</summary>
    public static readonly PixelImage[] Images = [.. Enumerable.Range(0, Count).Select(i => Fixtures.Image(32, 32, 3, seed: i))];

    /// <summary>The images as files.</summary>
    public static readonly byte[][] Pngs = [.. Images.Select(ImageCodec.EncodePng)];

    public static string ClassOf(int i) => Classes[i % 2];

    /// <summary>The names and contents of files in class folders.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> ClassFolders(string prefix = "") =>
        Pngs.Select((png, i) => ($"{prefix}{ClassOf(i)}/{i}.png", png));

    /// <summary>The members of WebDataset's samples, with dots in their keys.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Samples(string image = ".png", string label = ".cls") =>
        Pngs.SelectMany((png, i) => new[] { ($"v1.0_{i}{image}", png), ($"v1.0_{i}{label}", Encoding.UTF8.GetBytes($"{i % 2}")) });

    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    public static void WriteAll(string folder, IEnumerable<(string Name, byte[] Bytes)> files)
    {
        foreach (var (name, bytes) in files)
            Write(Path.Combine(folder, name), bytes);
    }

    public static byte[] Tar(IEnumerable<(string Name, byte[] Bytes)> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
            foreach (var (name, bytes) in members)
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
        return stream.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return stream.ToArray();
    }

    public static byte[] Zip(IEnumerable<(string Name, byte[] Bytes)> files, bool isStored = false)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, bytes) in files)
            {
                using var entry = zip.CreateEntry(name, isStored ? CompressionLevel.NoCompression : CompressionLevel.Optimal).Open();
                entry.Write(bytes);
            }

        return stream.ToArray();
    }

    /// <summary>An array of NumPy.</summary>
    public static byte[] Npy(string type, string shape, byte[] data)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}".PadRight(117) + '\n';
        return [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), .. data];
    }

    /// <summary>All pixels, one image after the other.</summary>
    public static byte[] Interleaved() => [.. Images.SelectMany(image => image.Pixels)];

    /// <summary>All pixels channel by channel.</summary>
    public static byte[] Planar() =>
        [.. Images.SelectMany(image => Enumerable.Range(0, 3 * 1024).Select(i => image.Pixels[i % 1024 * 3 + i / 1024]))];

    /// <summary>The labels as bytes.</summary>
    public static byte[] Labels(int first = 0) => [.. Enumerable.Range(0, Count).Select(i => (byte)(first + i % 2))];

    /// <summary>An IDX file of grey images of 4 × 4 pixels, or of labels.</summary>
    public static byte[] Idx(bool isLabels) =>
        isLabels
            ? [0, 0, 8, 1, 0, 0, 0, Count, .. Labels()]
            : [0, 0, 8, 3, 0, 0, 0, Count, 0, 0, 0, 16, 0, 0, 0, 16, .. Interleaved()[..(256 * Count)]];

    /// <summary>A batch of CIFAR as Python 3 pickles it: in protocol 2 bytes are text, in protocol 5 arrays are buffers.</summary>
    public static byte[] CifarPickle(int protocol)
    {
        byte[] labels =
        [
            .. "X\u0006\0\0\0labels"u8,
            (byte)']',
            (byte)'(',
            .. Labels().SelectMany(label => new byte[] { (byte)'K', label }),
            (byte)'e',
        ];
        byte[] shape = [(byte)'K', Count, (byte)'M', 0, 12, 0x86];
        var dtype = Encoding.Latin1.GetBytes(
            "cnumpy\ndtype\nX\u0002\0\0\0u1K\0K\u0001\u0087R(K\u0003X\u0001\0\0\0|"
                + "NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tb"
        );
        byte[] data = protocol == 2 ? Reconstructed() : FromBuffer();
        return [0x80, (byte)protocol, (byte)'}', (byte)'(', .. "X\u0004\0\0\0data"u8, .. data, .. labels, (byte)'u', (byte)'.'];

        byte[] Reconstructed()
        {
            var text = Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(Planar()));
            return
            [
                .. "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0"u8,
                0x85,
                .. "c_codecs\nencode\nX\u0001\0\0\0bX\u0006\0\0\0latin1"u8,
                0x86,
                (byte)'R',
                0x87,
                (byte)'R',
                .. "(K\u0001"u8,
                .. shape,
                .. dtype,
                0x89,
                .. "c_codecs\nencode\nX"u8,
                .. BitConverter.GetBytes((uint)text.Length),
                .. text,
                .. "X\u0006\0\0\0latin1"u8,
                0x86,
                (byte)'R',
                .. "tb"u8,
            ];
        }

        byte[] FromBuffer() =>
            [
                .. "cnumpy._core.numeric\n_frombuffer\n("u8,
                0x96,
                .. BitConverter.GetBytes((ulong)Planar().Length),
                .. Planar(),
                .. dtype,
                .. shape,
                .. "X\u0001\0\0\0CtR"u8,
            ];
    }

    /// <summary>A Parquet file with a column of images, a struct or plain bytes, and one of labels.</summary>
    public static async Task WriteParquet(string path, bool isStruct, string label, bool asText, string? features = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var bytes = new DataField<byte[]>(isStruct ? "bytes" : "picture");
        Field[] fields =
        [
            new DataField<string>("caption"),
            isStruct ? new StructField("picture", bytes, new DataField<string>("path")) : bytes,
            asText ? new DataField<string>(label) : new DataField<short>(label),
        ];
        var schema = new ParquetSchema(fields);
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        if (features is not null)
            writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = $"{{\"info\":{{\"features\":{features}}}}}" };
        using var group = writer.CreateRowGroup();
        foreach (var field in schema.GetDataFields())
            if (field.Name == bytes.Name)
                await group.WriteAsync(field, Pngs);
            else if (field.ClrType == typeof(short))
                await group.WriteAsync<short>(field, Enumerable.Range(0, Count).Select(i => (short)(i % 2)).ToArray().AsMemory());
            else
                await group.WriteAsync(
                    field,
                    Enumerable.Range(0, Count).Select(i => field.Name == label ? ClassOf(i) : $"{i}.png").ToArray()
                );
    }
}
