using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Isotope.Files;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// The stream that <c>torch.save</c> wrote before PyTorch 1.6: pickles of a magic number, the protocol, the machine, the object and the
/// storages' keys, then each storage as a 64-bit count and its elements.
/// </summary>
internal static class TorchLegacy
{
    private const long Protocol = 1001;
    private const string MagicDigits = "1950a86a20f9469cfc6c";
    private static readonly BigInteger Magic = BigInteger.Parse(MagicDigits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Reads the pickles and finds the storages after them.</summary>
    /// <exception cref="InvalidDataException">It is another kind of pickle, or damaged.</exception>
    public static TorchObject Open(FileStream stream)
    {
        StorageTable storages = new();
        var first = Next();
        if (first is not BigInteger magic || magic != Magic)
            return new TorchObject(first, _ => throw FileKind.Other("a pickle that torch.save did not write"));
        var protocol = Next();
        var machine = Next();
        CheckHeader(protocol, machine);
        var root = Next();
        var keys = Next();
        var positions = FindStorages(stream, keys, storages);
        return new TorchObject(root, storage => Read(stream, storage, positions));

        object? Next() => PickleMachine.Run(stream, PickleGlobals.Find, storages.Resolve);
    }

    private static void CheckHeader(object? protocol, object? machine)
    {
        if (protocol is not Protocol)
            throw Unexpected($"PyTorch's protocol {Protocol}", PickleValue.Describe(protocol));
        if ((machine as PickleDictionary)?.Find("little_endian") is not true)
            throw Unexpected("the little_endian mark", "that a big-endian machine wrote the file");
    }

    private static Dictionary<StorageReference, long> FindStorages(FileStream stream, object? keys, StorageTable storages)
    {
        Dictionary<StorageReference, long> positions = [];
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        foreach (var key in PickleValue.As<List<object?>>(keys, "a list of storages"))
        {
            var name = PickleValue.As<string>(key, "a storage's key");
            stream.ReadExactly(bytes);
            var count = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            if (storages.ElementBytesNotRead(name) is { } size)
            {
                if (count < 0 || count > (stream.Length - stream.Position) / size)
                    throw new EndOfStreamException();
                stream.Position += count * size;
                continue;
            }

            var storage = storages[name];
            if (count != storage.Count)
                throw Unexpected($"{storage.Count} elements of storage '{Printable.Start(storage.Key)}'", count);
            if (storage.Bytes > stream.Length - stream.Position)
                throw new EndOfStreamException();
            positions[storage] = stream.Position;
            stream.Position += storage.Bytes;
        }
        return positions;
    }

    private static Tensor Read(FileStream stream, StorageReference storage, Dictionary<StorageReference, long> positions)
    {
        if (!positions.TryGetValue(storage, out var position))
            throw Unexpected($"storage '{Printable.Start(storage.Key)}' after the pickles", "none");
        stream.Position = position;
        return TensorBytes.Read(stream, storage.Element, storage.Count);
    }
}
