namespace Isotope.Datasets.Formats;

/// <summary>
/// The images of the groups of rows that were read last, at most 256 MiB and at least one group: so that neither reading in order nor in a
/// shuffled order reads a group again for each of its images, where it can be helped.
/// </summary>
internal sealed class RowGroupCache
{
    private const long MaxBytes = 256L << 20;
    private readonly Lock gate = new();
    private readonly LinkedList<(string Path, int Group, byte[]?[] Images, long Bytes)> groups = [];
    private long bytes;

    /// <summary>A group's images; read if they are not here.</summary>
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

    private LinkedListNode<(string Path, int Group, byte[]?[] Images, long Bytes)> Add(string path, int group, byte[]?[] images)
    {
        var size = images.Sum(image => image?.LongLength ?? 0);
        for (bytes += size; bytes > MaxBytes && groups.Last is { } oldest; groups.RemoveLast())
            bytes -= oldest.Value.Bytes;
        return new((path, group, images, size));
    }
}
