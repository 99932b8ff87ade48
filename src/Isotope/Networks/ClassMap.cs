using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Files;

namespace Isotope.Networks;

/// <summary>
/// Which of a model's outputs stand for each of the owner's classes. A model may have merged, split, renamed, reordered, added or dropped
/// classes.
/// </summary>
public sealed record ClassMap
{
    private const string ClassesName = "classes";
    private const string OutputsName = "outputs";
    private const string Kind = "a map of classes, as in {\"classes\": {\"cat\": 3, \"dog\": [5, 7]}}";
    private const int MostOutputs = 1 << 20;
    private const int NamesShown = 8;
    private readonly JsonNode json;
    private readonly string source;

    private ClassMap(JsonNode json, string source)
    {
        this.json = json;
        this.source = source;
    }

    /// <summary>The model's classes are the owner's, in the same order.</summary>
    public static ClassMap Order { get; } = new("order", "--classes order");

    /// <summary>Found from the model's outputs on vanilla labelled images.</summary>
    public static ClassMap Auto { get; } = new("auto", "--classes auto");

    /// <summary>Whether it says which outputs stand for each class.</summary>
    internal bool IsGiven => json is JsonObject;

    /// <summary>Number of the model's outputs, where the map says it.</summary>
    internal int? Outputs =>
        (json as JsonObject)?[OutputsName] switch
        {
            JsonArray names => names.Count,
            JsonValue count => count.GetValue<int>(),
            _ => null,
        };

    /// <summary>
    /// Reads a JSON file such as <c>{"classes": {"cat": 3, "dog": ["husky", "poodle"]}, "outputs": ["car", …]}</c>: for each of the owner's
    /// classes one or several of the model's outputs, by number from 0 or by name. Classes may be missing. The names of the outputs, or
    /// their number, need not be given where the model tells them.
    /// </summary>
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static ClassMap Load(string path) => Of(JsonFile.Load(path, ClassMapJson.Default.JsonObject, Kind), path);

    /// <summary>A map by numbers of outputs.</summary>
    /// <param name="outputs">For each of the owner's classes, by name, the outputs that stand for it, from 0.</param>
    public static ClassMap Of(IReadOnlyDictionary<string, IReadOnlyList<int>> outputs)
    {
        var classes = new JsonObject();
        foreach (var (name, numbers) in outputs)
            classes[name] = new JsonArray([.. numbers.Select(number => (JsonNode)number)]);
        return Of(new JsonObject { [ClassesName] = classes }, "class map");
    }

    /// <summary>Reads <c>auto</c>, <c>order</c> or the name of a file.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    internal static ClassMap Parse(string text) => Word(text) ?? Load(text);

    /// <summary>As a result's options carry it; null where nobody said anything.</summary>
    internal static JsonNode? ToJson(ClassMap? map) => map?.json.DeepClone();

    /// <summary>Reads it back.</summary>
    /// <exception cref="IsotopeException">It is something else.</exception>
    internal static ClassMap? OfJson(JsonNode? json) =>
        json switch
        {
            null => null,
            JsonObject map => Of(map.DeepClone().AsObject(), "result: classes"),
            JsonValue value when value.TryGetValue<string>(out var text) && Word(text) is { } word => word,
            _ => throw new IsotopeException("result: expected a class map, auto or order, found something else"),
        };

    /// <summary>The outputs that stand for each of the owner's classes, by number and sorted; none where a class is missing.</summary>
    /// <param name="owners">The owner's classes.</param>
    /// <param name="outputs">How many outputs the model has.</param>
    /// <param name="names">Their names; null where the model does not tell them.</param>
    /// <exception cref="IsotopeException">A class or output is unknown.</exception>
    internal IReadOnlyList<int>[] Resolve(IReadOnlyList<string> owners, int outputs, IReadOnlyList<string>? names = null)
    {
        if (Outputs is { } said && said != outputs)
            throw new IsotopeException($"{source}: expected {OutputsName} for the {outputs} that the model has, found {said}");
        names = (json[OutputsName] as JsonArray)?.GetValues<string>().ToArray() ?? names;
        var classes = json[ClassesName]!.AsObject();
        if (classes.FirstOrDefault(entry => !owners.Contains(entry.Key)) is { Key: { } unknown })
            throw new IsotopeException($"{source}: expected the images' classes ({Shown(owners)}), found '{unknown}'");
        return [.. owners.Select(name => OutputsOf(classes[name], outputs, names))];
    }

    private static ClassMap? Word(string text) =>
        text switch
        {
            "auto" => Auto,
            "order" => Order,
            _ => null,
        };

    private static ClassMap Of(JsonObject json, string source)
    {
        var isSound =
            json.All(entry => entry.Key is ClassesName or OutputsName)
            && json[ClassesName] is JsonObject { Count: > 0 } classes
            && classes.All(entry => Entries(entry.Value).All(IsOutput))
            && json[OutputsName] switch
            {
                null => true,
                JsonArray names => names.All(name => name?.GetValueKind() == JsonValueKind.String),
                JsonValue count => count.TryGetValue<int>(out var number) && number is >= 1 and <= MostOutputs,
                _ => false,
            };
        return isSound ? new ClassMap(json, source) : throw new IsotopeException($"{source}: expected {Kind}, found something else");
    }

    private static IEnumerable<JsonNode?> Entries(JsonNode? node) => node as IEnumerable<JsonNode?> ?? [node];

    private static bool IsOutput(JsonNode? node) =>
        node is JsonValue value && (value.TryGetValue<int>(out _) || value.TryGetValue<string>(out _));

    private int[] OutputsOf(JsonNode? node, int outputs, IReadOnlyList<string>? names) =>
        node is null ? [] : [.. Entries(node).Select(entry => OutputOf(entry!.AsValue(), outputs, names)).Distinct().Order()];

    private int OutputOf(JsonValue value, int outputs, IReadOnlyList<string>? names)
    {
        if (value.TryGetValue<int>(out var number))
            return number >= 0 && number < outputs
                ? number
                : throw new IsotopeException($"{source}: expected outputs of 0 to {outputs - 1}, found {number}");
        var name = value.GetValue<string>();
        if (names is null)
            throw new IsotopeException(
                $"{source}: expected the names of the model's {outputs} outputs in their order (\"{OutputsName}\": […]), or numbers, since "
                    + $"its file does not name them; found '{name}'"
            );
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name)
                return i;
        throw new IsotopeException($"{source}: expected names of the model's outputs ({Shown(names)}), found '{name}'");
    }

    private static string Shown(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(NamesShown).Select(name => Printable.Start(name))) + (names.Count > NamesShown ? ", …" : "");
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ClassMapJson : JsonSerializerContext;
