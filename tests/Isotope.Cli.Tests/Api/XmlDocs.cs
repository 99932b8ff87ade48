using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Isotope.Cli.Tests.Api;

/// <summary>The XML documentation that the compiler writes beside an assembly, as Markdown.</summary>
internal sealed partial class XmlDocs
{
    private readonly Dictionary<string, XElement> members;

    public XmlDocs(string path) =>
        members = XDocument.Load(path).Descendants("member").ToDictionary(member => (string)member.Attribute("name")!);

    /// <summary>A member's documentation; null where it has none of its own.</summary>
    public XElement? Of(MemberInfo member) =>
        members.GetValueOrDefault(Id(member)) is { } docs && docs.Element("summary") is not null ? docs : null;

    /// <summary>The text of an element in one line, with code in backticks.</summary>
    public static string Text(XElement? element) =>
        element is null ? "" : Spaces().Replace(string.Concat(element.Nodes().Select(Inline)), " ").Trim();

    private static string Inline(XNode node) =>
        node switch
        {
            XText text => text.Value.Replace("<", "\\<", StringComparison.Ordinal),
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "para" } paragraph => $" {Text(paragraph)} ",
            XElement reference when reference.Attribute("cref") is { } cref => $"`{LastName(cref.Value)}`",
            XElement reference when (reference.Attribute("name") ?? reference.Attribute("langword")) is { } name => $"`{name.Value}`",
            _ => throw new InvalidOperationException($"{node}: expected an element that this page knows"),
        };

    /// <summary>
    /// A type's name, or a member's with its type's: <c>M:Isotope.Carriers.KeyFile.Load(System.String)</c> → <c>KeyFile.Load</c>.
    /// </summary>
    public static string LastName(string id)
    {
        var names = Arity().Replace(id.Split('(')[0][2..], "").Split('.');
        if (id.StartsWith("T:", StringComparison.Ordinal))
            return names[^1];
        return names[^1] == "#ctor" ? names[^2] : $"{names[^2]}.{names[^1]}";
    }

    private static string Id(MemberInfo member) =>
        member switch
        {
            Type type => $"T:{Name(type)}",
            FieldInfo => $"F:{Name(member.DeclaringType!)}.{member.Name}",
            PropertyInfo property => $"P:{Name(member.DeclaringType!)}.{member.Name}{Parameters(property.GetIndexParameters())}",
            MethodBase method => $"M:{Name(member.DeclaringType!)}.{method.Name.Replace('.', '#')}{Generics(method)}"
                + Parameters(method.GetParameters()),
            _ => "",
        };

    private static string Generics(MethodBase method) => method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";

    private static string Parameters(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => Name(parameter.ParameterType)))})";

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        if (type.IsByRef)
            return Name(type.GetElementType()!) + "@";
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (!type.IsConstructedGenericType)
            return type.FullName!.Replace('+', '.');
        var open = Arity().Replace(type.GetGenericTypeDefinition().FullName!, "").Replace('+', '.');
        return $"{open}{{{string.Join(',', type.GetGenericArguments().Select(Name))}}}";
    }

    [GeneratedRegex("`+\\d+")]
    private static partial Regex Arity();

    [GeneratedRegex("\\s+")]
    private static partial Regex Spaces();
}
