using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Isotope.Pickles;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>Pickles tensors as <c>torch.save</c> does (protocol 2); their elements are stored outside the pickle.</summary>
internal sealed class PickleWriter
{
    private readonly ArrayBufferWriter<byte> bytes = new();

    private PickleWriter() => Write([(byte)Opcode.Proto, 2]);

    /// <summary>An <c>OrderedDict</c> of the tensors in this order; the storage of tensor i has the key i.</summary>
    public static byte[] StateDict(IReadOnlyList<KeyValuePair<string, Tensor>> tensors)
    {
        PickleWriter pickle = new();
        pickle.EmptyOrderedDict();
        pickle.Write(Opcode.Mark);
        for (var i = 0; i < tensors.Count; i++)
        {
            pickle.Text(tensors[i].Key);
            pickle.Tensor(tensors[i].Key, tensors[i].Value, i);
        }
        pickle.Write(Opcode.SetItems);
        return pickle.Stop();
    }

    /// <summary>One tensor by itself; its storage has the key 0.</summary>
    public static byte[] BareTensor(Tensor tensor)
    {
        PickleWriter pickle = new();
        pickle.Tensor("tensor", tensor, 0);
        return pickle.Stop();
    }

    // _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks), with contiguous elements.
    private void Tensor(string name, Tensor tensor, int key)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Write(Opcode.Mark);
        StorageId(ElementType.Of(name, tensor), key, tensor.NumberOfElements);
        Integer(0);
        Integers(tensor.shape);
        Integers(RowMajor(tensor.shape));
        Write(Opcode.False);
        EmptyOrderedDict();
        Write(Opcode.Tuple);
        Write(Opcode.Reduce);
    }

    // ('storage', class, key, location, count)
    private void StorageId(ElementType element, int key, long count)
    {
        Write(Opcode.Mark);
        Text("storage");
        Global("torch", element.Storage);
        Text($"{key}");
        Text("cpu");
        Integer(count);
        Write(Opcode.Tuple);
        Write(Opcode.PersistentId);
    }

    private void EmptyOrderedDict()
    {
        Global("collections", "OrderedDict");
        Write(Opcode.EmptyTuple);
        Write(Opcode.Reduce);
    }

    private void Global(string module, string name)
    {
        Write(Opcode.Global);
        Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private void Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        Write([(byte)Opcode.Unicode, .. length, .. utf8]);
    }

    private void Integers(long[] values)
    {
        Write(Opcode.Mark);
        foreach (var value in values)
            Integer(value);
        Write(Opcode.Tuple);
    }

    private void Integer(long value)
    {
        var digits = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(digits, value);
        Write(value == (int)value ? [(byte)Opcode.Int4, .. digits[..4]] : [(byte)Opcode.Long1, 8, .. digits]);
    }

    private static long[] RowMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        var stride = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, shape[i]);
        }

        return strides;
    }

    private byte[] Stop()
    {
        Write(Opcode.Stop);
        return bytes.WrittenSpan.ToArray();
    }

    private void Write(Opcode op) => bytes.Write([(byte)op]);

    private void Write(ReadOnlySpan<byte> more) => bytes.Write(more);
}
