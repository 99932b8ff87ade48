using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Isotope.Cli.Tests.Api;

/// <summary>Members as C# declares them, without what is the same for all: <c>public</c>, attributes, bodies.</summary>
internal static class Signature
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(uint)] = "uint",
    };

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_LessThan"] = "operator <",
        ["op_GreaterThan"] = "operator >",
        ["op_Equality"] = "operator ==",
        ["op_Inequality"] = "operator !=",
        ["op_Implicit"] = "implicit operator",
    };

    /// <summary>What a type is: <c>sealed record</c>, <c>enum</c> and so on, and what of this library it derives from.</summary>
    public static string Kind(Type type)
    {
        var isRecord = type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null;
        var noun =
            type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : type.IsValueType ? (isRecord ? "record struct" : "struct")
            : isRecord ? "record"
            : "class";
        var modifier =
            type.IsInterface || type.IsValueType ? ""
            : type is { IsAbstract: true, IsSealed: true } ? "static "
            : type.IsAbstract ? "abstract "
            : type.IsSealed ? "sealed "
            : "";
        var ancestor = type.BaseType?.Assembly == type.Assembly ? $", a `{TypeName(type.BaseType)}`" : "";
        return $"{modifier}{noun}{ancestor}";
    }

    public static string Of(MemberInfo member) =>
        member switch
        {
            ConstructorInfo constructor => $"{TypeName(constructor.DeclaringType!)}({Parameters(constructor)})",
            MethodInfo method => Method(method),
            PropertyInfo property => Property(property),
            FieldInfo { DeclaringType.IsEnum: true } value => value.Name,
            FieldInfo { IsLiteral: true } constant =>
                $"const {Typed(constant)} = {Literal(constant.GetRawConstantValue(), constant.FieldType)}",
            FieldInfo field => $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Typed(field)}",
            _ => member.Name,
        };

    /// <summary>A type's name as in C#: <c>Outer.Inner</c>, <c>Range&lt;T&gt;</c>.</summary>
    public static string TypeName(Type type) => TypeName(type, null, []);

    private static string Method(MethodInfo method)
    {
        var name = Operators.GetValueOrDefault(method.Name, method.Name);
        var generics = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(TypeName))}>" : "";
        var result = TypeName(
            method.ReturnType,
            new NullabilityInfoContext().Create(method.ReturnParameter),
            Names(method.ReturnParameter)
        );
        return $"{Modifier(method)}{result} {name}{generics}({Parameters(method)})";
    }

    private static string Property(PropertyInfo property)
    {
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var type = TypeName(property.PropertyType, new NullabilityInfoContext().Create(property), Names(property));
        var index = property.GetIndexParameters() is { Length: > 0 } indices ? $"[{string.Join(", ", indices.Select(Parameter))}]" : "";
        var name = index.Length > 0 ? $"this{index}" : property.Name;
        var setter = property.SetMethod is { IsPublic: true } set ? (IsInit(set) ? " init;" : " set;") : "";
        return $"{required}{Modifier(property.GetMethod!)}{type} {name} {{ get;{setter} }}";
    }

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Modifier(MethodInfo method) =>
        (method.IsFamily ? "protected " : "")
        + (
            method.IsStatic ? "static "
            : method.DeclaringType!.IsInterface ? ""
            : method.IsAbstract ? "abstract "
            : method.GetBaseDefinition() != method ? "override "
            : method is { IsVirtual: true, IsFinal: false } ? "virtual "
            : ""
        );

    private static string Typed(FieldInfo field) =>
        $"{TypeName(field.FieldType, new NullabilityInfoContext().Create(field), Names(field))} {field.Name}";

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        var modifier =
            isParams ? "params "
            : parameter.IsOut ? "out "
            : parameter.IsIn ? "in "
            : parameter.ParameterType.IsByRef ? "ref "
            : "";
        var type = TypeName(parameter.ParameterType, new NullabilityInfoContext().Create(parameter), Names(parameter));
        var value = parameter.HasDefaultValue ? $" = {Literal(parameter.RawDefaultValue, parameter.ParameterType)}" : "";
        return $"{modifier}{type} {parameter.Name}{value}";
    }

    private static string Literal(object? value, Type type) =>
        value switch
        {
            null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            _ when (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } values => $"{values.Name}.{Enum.ToObject(values, value)}",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private static Queue<string?> Names(ICustomAttributeProvider declaration) =>
        new(
            declaration.GetCustomAttributes(typeof(TupleElementNamesAttribute), false) is [TupleElementNamesAttribute names]
                ? names.TransformNames
                : []
        );

    /// <param name="type">The type.</param>
    /// <param name="nullability">Where it may be null; null where that does not matter.</param>
    /// <param name="tupleNames">Names of the elements of its tuples, outer tuples first.</param>
    private static string TypeName(Type type, NullabilityInfo? nullability, Queue<string?> tupleNames)
    {
        if (type.IsByRef)
            return TypeName(type.GetElementType()!, nullability, tupleNames);
        if (Nullable.GetUnderlyingType(type) is { } value)
            return TypeName(value, nullability, tupleNames).TrimEnd('?') + "?";
        var mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return $"{TypeName(type.GetElementType()!, nullability?.ElementType, tupleNames)}[]{mark}";
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword + mark;
        if (!type.IsGenericType)
            return (type.IsNested && !type.IsGenericParameter ? TypeName(type.DeclaringType!) + "." : "") + type.Name + mark;

        var isTuple = type.IsAssignableTo(typeof(ITuple));
        var arguments = type.GetGenericArguments();
        string[] names = [.. arguments.Select(_ => isTuple && tupleNames.TryDequeue(out var name) && name is not null ? " " + name : "")];
        var inner = string.Join(
            ", ",
            arguments.Select(
                (argument, i) => TypeName(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i), tupleNames) + names[i]
            )
        );
        return isTuple ? $"({inner})" : $"{type.Name.Split('`')[0]}<{inner}>{mark}";
    }
}
