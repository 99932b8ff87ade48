using Isotope.Datasets;
using Isotope.Files;
using Isotope.Pickles;

namespace Isotope.Networks.Checkpoints;

/// <summary>Reads a <see cref="PerSampleList"/> from JSON, or from the same dictionary saved by <c>torch.save</c>.</summary>
internal static class PerSampleFile
{
    /// <summary>Reads a list; relative paths start at the list's folder. Nothing in the file is run.</summary>
    /// <exception cref="IsotopeException">The file is missing, damaged or something else.</exception>
    public static PerSampleList Load(string path)
    {
        var list = UntrustedFile.Read(
            path,
            stream =>
                FileKind.Of(stream) switch
                {
                    FileKind.Zip => Of(TorchZip.Open(stream).Root),
                    FileKind.Pickle => Of(TorchLegacy.Open(stream).Root),
                    _ => PerSampleList.Read(stream),
                }
        );
        return list.Below(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static PerSampleList Of(object? root)
    {
        if (
            root is not PickleDictionary list
            || list.Find("type") is not PerSampleList.Type
            || list.Find("content") is not PickleDictionary content
        )
            throw PerSampleList.Unexpected();
        var files = new Dictionary<int, string>();
        foreach (var (key, value) in content)
        {
            if (key is not (long and >= int.MinValue and <= int.MaxValue and var index) || value is not string file)
                throw PerSampleList.Unexpected();
            files[(int)index] = file;
        }

        return new PerSampleList(files);
    }
}
