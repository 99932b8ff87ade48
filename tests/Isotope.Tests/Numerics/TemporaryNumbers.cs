using System.Reflection;
using System.Reflection.Emit;
using TorchSharp;

namespace Isotope.Tests.Numerics;

/// <summary>
/// Finds calls that pass libtorch a temporary <see cref="Scalar"/>, by reading compiled code: first all methods of TorchSharp that make one
/// or call such a method, then their callers in our code.
/// </summary>
internal static class TemporaryNumbers
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    private static readonly HashSet<(Module, int)> Unsafe = FindUnsafe();

    /// <summary>The calls in an assembly, one line each: the caller and the called method.</summary>
    public static string CallsIn(Assembly assembly) =>
        string.Join(
            '\n',
            from caller in MethodsOf(assembly)
            from called in CallsOf(caller)
            where
                called.Name == "op_Implicit" && called.DeclaringType == typeof(Scalar)
                || Unsafe.Contains(KeyOf(called)) && !IsOfTensorsAlone(called)
            select $"{caller.DeclaringType}.{caller.Name} calls {called.DeclaringType}.{called.Name}"
        );

    /// <summary>TorchScript modules make numbers only from arguments that are not tensors; ours take and return tensors.</summary>
    private static bool IsOfTensorsAlone(MethodBase method) =>
        method.DeclaringType!.FullName!.Contains("ScriptModule", StringComparison.Ordinal);

    private static HashSet<(Module, int)> FindUnsafe()
    {
        var methods = MethodsOf(typeof(torch).Assembly)
            .Where(method => method.DeclaringType != typeof(Scalar) && method.DeclaringType != typeof(ScalarExtensionMethods))
            .ToArray();
        var calls = methods.ToDictionary(KeyOf, method => CallsOf(method).Select(KeyOf).ToHashSet());
        var found = methods.Where(method => CallsOf(method).Any(MakesNumber)).Select(KeyOf).ToHashSet();
        for (var before = 0; before < found.Count; )
        {
            before = found.Count;
            found.UnionWith(calls.Where(method => method.Value.Overlaps(found)).Select(method => method.Key));

            // Calls of a method that overrides another can't be seen, so whoever makes the object counts as its caller.
            var makers = methods
                .OfType<MethodInfo>()
                .Where(method => method.GetBaseDefinition() != method && found.Contains(KeyOf(method)))
                .Select(method => method.DeclaringType)
                .ToHashSet();
            found.UnionWith(methods.OfType<ConstructorInfo>().Where(method => makers.Contains(method.DeclaringType)).Select(KeyOf));
        }

        return found;
    }

    private static bool MakesNumber(MethodBase method) => method is MethodInfo { ReturnType: var given } && given == typeof(Scalar);

    private static IEnumerable<MethodBase> MethodsOf(Assembly assembly) =>
        assembly.GetTypes().SelectMany(type => type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)));

    /// <summary>The methods that a method calls.</summary>
    private static IEnumerable<MethodBase> CallsOf(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
            yield break;
        var ofType = method.DeclaringType!.GetGenericArguments();
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (var at = 0; at < code.Length; )
        {
            var isLong = code[at] == 0xFE;
            var instruction = OpCodesByValue[isLong ? (short)(0xFE00 | code[at + 1]) : code[at]];
            at += isLong ? 2 : 1;
            if (
                instruction.OperandType is OperandType.InlineMethod
                && method.Module.ResolveMethod(BitConverter.ToInt32(code, at), ofType, ofMethod) is { } called
            )
                yield return called;
            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 * (1 + BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    /// <summary>Identifies a method; the same for a generic method and all its instances.</summary>
    private static (Module, int) KeyOf(MethodBase method) => (method.Module, method.MetadataToken);
}
