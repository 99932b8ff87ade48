using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Isotope.Reports;

namespace Isotope.Cli.Tests.Api;

/// <summary>
/// The page of the library's public types: their folders, what they are, and their members, all with what their XML documentation says.
/// </summary>
internal static class ApiPage
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    public static string Of(Assembly assembly, XmlDocs docs)
    {
        var page = new StringBuilder(
            """
            # The library's types

            Every public type of the library by its folder (this page is generated from the code's documentation). A namespace is
            `Isotope.` and the folder. How types work together: [how-to](how-to.md#the-library),
            [ARCHITECTURE](../ARCHITECTURE.md).

            """
        );
        var rooms = assembly.GetExportedTypes().GroupBy(type => type.Namespace!).OrderBy(room => room.Key, StringComparer.Ordinal);
        foreach (var room in rooms)
        {
            page.Append($"\n## {(room.Key == "Isotope" ? room.Key : room.Key["Isotope.".Length..])}\n");
            foreach (var type in room.OrderBy(Signature.TypeName, StringComparer.Ordinal))
                AppendType(page, type, docs);
        }

        return page.ToString();
    }

    private static void AppendType(StringBuilder page, Type type, XmlDocs docs)
    {
        var name = Signature.TypeName(type).Replace("<", "\\<", StringComparison.Ordinal);
        page.Append($"\n### {name}\n");
        page.Append(Paragraph.Wrap($"*{Signature.Kind(type)}.* {Summary(docs.Of(type))}")).Append('\n');
        var members = Members(type)
            .Select(member => (Member: member, Docs: docs.Of(member)))
            .Where(member => member.Docs is not null)
            .ToArray();
        if (members.Length > 0)
            page.Append('\n');
        foreach (var (member, text) in members)
            AppendMember(page, member, text!, docs.Of(type));
    }

    /// <summary>What others can use of a type: constructors, fields, properties, methods, each in the code's order.</summary>
    private static IEnumerable<MemberInfo> Members(Type type) =>
        [
            .. InOrder(type.GetConstructors(Declared).Where(IsVisible)),
            .. InOrder(type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily)),
            .. InOrder(type.GetProperties(Declared).Where(property => property.GetMethod is { } get && IsVisible(get))),
            .. InOrder(type.GetMethods(Declared).Where(IsVisible)),
        ];

    private static IEnumerable<MemberInfo> InOrder(IEnumerable<MemberInfo> members) => members.OrderBy(member => member.MetadataToken);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static void AppendMember(StringBuilder page, MemberInfo member, XElement docs, XElement? ofType)
    {
        // A record's constructor has the documentation of the record, whose properties follow.
        var isOfRecord = member is ConstructorInfo && Summary(docs) == Summary(ofType);
        page.Append(Paragraph.Wrap($"`{Signature.Of(member)}`{(isOfRecord ? "" : $": {Summary(docs)}")}", "- ")).Append('\n');
        if (isOfRecord)
            return;
        foreach (var parameter in docs.Elements("param"))
            AppendDetail($"`{(string?)parameter.Attribute("name")}`: {XmlDocs.Text(parameter)}");
        if (docs.Element("returns") is { } result)
            AppendDetail($"Returns: {XmlDocs.Text(result)}");
        foreach (var exception in docs.Elements("exception"))
            AppendDetail($"Throws `{XmlDocs.LastName((string)exception.Attribute("cref")!)}`: {XmlDocs.Text(exception)}");

        void AppendDetail(string text) => page.Append(Paragraph.Wrap(text, "  - ")).Append('\n');
    }

    private static string Summary(XElement? docs) =>
        $"{XmlDocs.Text(docs?.Element("summary"))} {XmlDocs.Text(docs?.Element("remarks"))}".TrimEnd();
}
