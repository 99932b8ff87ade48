using static Isotope.Files.UntrustedFile;

namespace Isotope.Pickles;

/// <summary>
/// Executes the part of a pickle's language that data needs: it builds containers and primitives, and calls only what a list allows. What
/// is made of other names is refused, or stays inert where the list gives inert names: its parts are kept, and nothing is called. It keeps
/// a stack of its own, so deep nesting can't overflow the thread's, and <see cref="MaxSteps"/> bounds its work.
/// </summary>
internal sealed class PickleMachine(PickleReader reader, Func<string, string, PickleGlobal> find, Func<object?, object?>? resolve)
{
    /// <summary>A checkpoint takes about 30 instructions per tensor.</summary>
    private const int MaxSteps = 10_000_000;

    private readonly PickleStack stack = new();
    private readonly Dictionary<long, object?> memo = [];
    private int steps;

    /// <summary>Reads the object that is pickled at the current position of <paramref name="stream"/>.</summary>
    /// <param name="stream">The stream; afterwards it stands just behind the pickle.</param>
    /// <param name="find">Finds a name that the pickle may use, by module and name; throws for any other.</param>
    /// <param name="resolve">Gives the object of a persistent id; null if the pickle may have none.</param>
    /// <param name="leaveBytes">Leaves long byte strings in the stream, as <see cref="PickleBytes"/>.</param>
    /// <exception cref="InvalidDataException">The pickle is damaged, or asks for something that data does not need.</exception>
    public static object? Run(
        Stream stream,
        Func<string, string, PickleGlobal> find,
        Func<object?, object?>? resolve = null,
        bool leaveBytes = false
    )
    {
        var machine = new PickleMachine(new PickleReader(stream, leaveBytes), find, resolve);
        for (var op = machine.Next(); op != Opcode.Stop; op = machine.Next())
            machine.Step(op);
        return machine.stack.Pop();
    }

    private Opcode Next()
    {
        Spend(1);
        return (Opcode)reader.Byte();
    }

    private void Step(Opcode op)
    {
        switch (op)
        {
            case Opcode.Proto:
                CheckProtocol(reader.Byte());
                break;
            case Opcode.Frame:
                reader.UInt64();
                break;
            case Opcode.Mark:
                stack.Mark();
                break;
            case Opcode.Pop:
                stack.Pop();
                break;
            case Opcode.Dup:
                stack.Push(stack.Top);
                break;
            case Opcode.PopMark:
                stack.PopToMark();
                break;

            case Opcode.EmptyTuple:
                stack.Push(Array.Empty<object?>());
                break;
            case Opcode.Tuple:
                stack.Push(stack.PopToMark());
                break;
            case Opcode.Tuple1:
                stack.Push(stack.Pop(1));
                break;
            case Opcode.Tuple2:
                stack.Push(stack.Pop(2));
                break;
            case Opcode.Tuple3:
                stack.Push(stack.Pop(3));
                break;
            case Opcode.EmptyList:
                stack.Push(new List<object?>());
                break;
            case Opcode.List:
                stack.Push(new List<object?>(stack.PopToMark()));
                break;
            case Opcode.Append:
                Append(stack.Pop(1));
                break;
            case Opcode.Appends:
                Append(stack.PopToMark());
                break;
            case Opcode.EmptyDict:
                stack.Push(new PickleDictionary());
                break;
            case Opcode.Dict:
                stack.Push(new PickleDictionary().With(stack.PopToMark()));
                break;
            case Opcode.SetItem:
                SetItems(stack.Pop(2));
                break;
            case Opcode.SetItems:
                SetItems(stack.PopToMark());
                break;
            case Opcode.EmptySet:
                stack.Push(new List<object?>());
                break;
            case Opcode.AddItems:
                Append(stack.PopToMark());
                break;
            case Opcode.FrozenSet:
                stack.Push(new List<object?>(stack.PopToMark()));
                break;

            case Opcode.Put1:
                Put(reader.Byte());
                break;
            case Opcode.Put4:
                Put(reader.UInt32());
                break;
            case Opcode.Memoize:
                Put(memo.Count);
                break;
            case Opcode.Get1:
                Get(reader.Byte());
                break;
            case Opcode.Get4:
                Get(reader.UInt32());
                break;

            case Opcode.Global:
                stack.Push(find(reader.Line(), reader.Line()));
                break;
            case Opcode.StackGlobal:
                StackGlobal();
                break;
            case Opcode.Inst:
                var type = find(reader.Line(), reader.Line());
                stack.Push(New(type, stack.PopToMark()));
                break;
            case Opcode.Obj:
                NewOfMark();
                break;
            case Opcode.Reduce:
                Reduce();
                break;
            case Opcode.NewObj:
                NewObject(stack.Pop(2));
                break;
            case Opcode.NewObjEx:
                NewObject(stack.Pop(3));
                break;
            case Opcode.Build:
                Build();
                break;
            case Opcode.PersistentId:
                Resolve();
                break;
            default:
                stack.Push(reader.Literal(op));
                break;
        }
    }

    private static void CheckProtocol(byte version)
    {
        if (version is < 2 or > 5)
            throw Unexpected("a pickle of protocol 2 to 5", version);
    }

    private void Append(object?[] items)
    {
        var list = stack.Top is PickleInstance instance ? instance.Elements : stack.Peek<List<object?>>("a list to append to");
        list.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        var dictionary = stack.Top is PickleInstance instance
            ? instance.Items
            : stack.Peek<PickleDictionary>("a dictionary to set items of");
        dictionary.With(items);
    }

    private void Put(long index) => memo[index] = stack.Top;

    private void Get(long index)
    {
        if (!memo.TryGetValue(index, out var value))
            throw Unexpected($"item {index} in the pickle's memo", "none");
        stack.Push(value);
    }

    private void StackGlobal()
    {
        var name = PickleValue.As<string>(stack.Pop(), "a name in a module");
        var module = PickleValue.As<string>(stack.Pop(), "a module's name");
        stack.Push(find(module, name));
    }

    private void Reduce()
    {
        var arguments = PickleValue.As<object?[]>(stack.Pop(), "a tuple of arguments");
        var callee = stack.Pop();
        var result = callee switch
        {
            PickleGlobal { Call: { } call } => call(arguments),
            PickleGlobal { IsInert: true } unknown => new PickleInstance(unknown.Name, arguments),
            PickleInstance instance => new PickleInstance(instance.Type, Copy([instance], arguments)),
            _ => throw PickleGlobal.Refused($"a call of {PickleValue.Describe(callee)}"),
        };
        Spend((result as PickleDictionary)?.Count ?? 0);
        stack.Push(result);
    }

    /// <summary>Makes an object of a class from arguments and perhaps named arguments.</summary>
    private void NewObject(object?[] parts)
    {
        var arguments = PickleValue.As<object?[]>(parts[1], "a tuple of arguments");
        stack.Push(New(parts[0], parts.Length == 2 ? arguments : Copy(arguments, parts[2..])));
    }

    private void NewOfMark()
    {
        if (stack.PopToMark() is not [var type, .. var arguments])
            throw Unexpected("a class to make an object of in the pickle", "none");
        stack.Push(New(type, arguments));
    }

    private static PickleInstance New(object? type, object?[] arguments) =>
        type switch
        {
            PickleGlobal { IsInert: true } unknown => new PickleInstance(unknown.Name, arguments),
            PickleGlobal { IsClass: true } known when arguments.Length == 0 => new PickleInstance(known.Name),
            _ => throw PickleGlobal.Refused($"an object of {PickleValue.Describe(type)}"),
        };

    /// <summary>Gives an object its state. A state dict has an attribute too (_metadata), which is not kept.</summary>
    private void Build()
    {
        var state = stack.Pop();
        if (stack.Top is PickleInstance instance)
            instance.State = state;
        else
            stack.Peek<PickleDictionary>("a dictionary to give attributes to");
    }

    private void Resolve()
    {
        if (resolve is null)
            throw PickleGlobal.Refused("data outside of it");
        stack.Push(resolve(stack.Pop()));
    }

    /// <summary>Both one after the other. A pickle may give the same long tuple again and again, so each copy is counted.</summary>
    private object?[] Copy(object?[] first, object?[] second)
    {
        Spend(first.Length + second.Length);
        return [.. first, .. second];
    }

    private void Spend(int work)
    {
        steps += work;
        if (steps > MaxSteps)
            throw Unexpected($"a pickle of at most {MaxSteps} steps", "a longer one");
    }
}
