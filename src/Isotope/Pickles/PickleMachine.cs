using static Isotope.Files.UntrustedFile;

namespace Isotope.Pickles;

/// <summary>
/// Executes a pickle as far as data needs: it builds containers and primitives, and calls nothing but what a list allows. It is a loop over
/// a stack of its own, so no nesting overflows ours, and the work is bounded by <see cref="MaxSteps"/>.
/// </summary>
internal sealed class PickleMachine
{
    /// <summary>A checkpoint takes about 30 instructions a tensor.</summary>
    private const int MaxSteps = 10_000_000;

    private readonly PickleReader reader;
    private readonly Func<string, string, PickleGlobal> find;
    private readonly Func<object?, object?>? resolve;
    private readonly PickleStack stack = new();
    private readonly Dictionary<long, object?> memo = [];
    private int steps;

    private PickleMachine(PickleReader reader, Func<string, string, PickleGlobal> find, Func<object?, object?>? resolve) =>
        (this.reader, this.find, this.resolve) = (reader, find, resolve);

    /// <summary>The object that the pickle at the position of <paramref name="stream"/> describes.</summary>
    /// <param name="stream">Left just behind the pickle.</param>
    /// <param name="find">What the pickle may name, by module and name; it throws at anything else.</param>
    /// <param name="resolve">What a persistent id stands for; null where there may be none.</param>
    /// <param name="leaveBytes">Leave long byte strings in the stream, as <see cref="PickleBytes"/>.</param>
    /// <exception cref="InvalidDataException">The pickle is damaged, or wants something that it has no need of.</exception>
    public static object? Run(
        Stream stream,
        Func<string, string, PickleGlobal> find,
        Func<object?, object?>? resolve = null,
        bool leaveBytes = false
    )
    {
        PickleMachine machine = new(new PickleReader(stream, leaveBytes), find, resolve);
        for (Opcode op = machine.Next(); op != Opcode.Stop; op = machine.Next())
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
                throw PickleGlobal.Refused($"{reader.Line()}.{reader.Line()}");
            case Opcode.Reduce:
                Reduce();
                break;
            case Opcode.NewObj:
                NewObject();
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

    private void Append(object?[] items) => stack.Peek<List<object?>>("a list to append to").AddRange(items);

    private void SetItems(object?[] items) => stack.Peek<PickleDictionary>("a dictionary to set items of").With(items);

    private void Put(long index) => memo[index] = stack.Top;

    private void Get(long index) =>
        stack.Push(memo.TryGetValue(index, out object? value) ? value : throw Unexpected($"item {index} in the pickle's memo", "none"));

    private void StackGlobal()
    {
        string name = PickleValue.As<string>(stack.Pop(), "a name in a module");
        stack.Push(find(PickleValue.As<string>(stack.Pop(), "a module's name"), name));
    }

    private void Reduce()
    {
        object?[] arguments = PickleValue.As<object?[]>(stack.Pop(), "a tuple of arguments");
        object? callee = stack.Pop();
        object? result = callee is PickleGlobal { Call: { } call }
            ? call(arguments)
            : throw PickleGlobal.Refused($"a call of {PickleValue.Describe(callee)}");
        Spend((result as PickleDictionary)?.Count ?? 0);
        stack.Push(result);
    }

    // An object of a class of TorchScript, made without arguments; checkpoints of weights have none.
    private void NewObject()
    {
        var parts = stack.Pop(2);
        stack.Push(
            parts is [PickleGlobal { IsClass: true } type, object?[] { Length: 0 }]
                ? new PickleInstance(type.Name)
                : throw PickleGlobal.Refused($"the instruction {Opcode.NewObj} (0x{(byte)Opcode.NewObj:x2})")
        );
    }

    // A state dict is an OrderedDict with an attribute (_metadata), which is not needed. Objects get their state.
    private void Build()
    {
        var state = stack.Pop();
        if (stack.Top is PickleInstance instance)
        {
            instance.State = state;
            return;
        }

        stack.Peek<PickleDictionary>("a dictionary to give attributes to");
        PickleValue.As<PickleDictionary>(state, "a dictionary of attributes");
    }

    private void Resolve() => stack.Push(resolve is not null ? resolve(stack.Pop()) : throw PickleGlobal.Refused("data outside of it"));

    private void Spend(int work)
    {
        steps += work;
        if (steps > MaxSteps)
            throw Unexpected($"a pickle of at most {MaxSteps} steps", "a longer one");
    }
}
