namespace Isotope.Datasets.Formats;

/// <summary>
/// Keeps the images of the groups of rows that were read last, at most 256 MiB but at least one group, so that a group need not be read
/// again for each of its images, whether they are read in order or shuffled.
/// </summary>
internal sealed class RowGroupCache
{
    private const long MaxBytes = 256L << 20;
    private readonly Lock gate = new();
    private readonly LinkedList<(string Path, int Group, byte[]?[] Images, long Bytes)> groups = [];
    private long bytes;

    /// <summary>The images of a group; they are read if they are not in the cache.</summary>
    public byte[]?[] Get(string path, int group, Func<byte[]?[]> read)
    {
        lock (gate)
        {
            var node = groups.First;
            while (node is not null && (node.Value.Path, node.Value.Group) != (path, group))
                node = node.Next;
            if (node is null)
                node = Add(path, group, read());
            else
                groups.Remove(node);
            groups.AddFirst(node);
            return node.Value.Images;
        }
    }

    /// <summary>Makes a node for a group, and drops the groups used least recently if there is no room for it.</summary>
    private LinkedListNode<(string Path, int Group, byte[]?[] Images, long Bytes)> Add(string path, int group, byte[]?[] images)
    {
        var size = images.Sum(image => image?.LongLength ?? 0);
        bytes += size;
        while (bytes > MaxBytes && groups.Last is { } oldest)
        {
            bytes -= oldest.Value.Bytes;
            groups.RemoveLast();
        }

        return new((path, group, images, size));
    }
}
