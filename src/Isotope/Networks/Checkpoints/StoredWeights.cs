using Isotope.Files;
using Isotope.Pickles;

namespace Isotope.Networks.Checkpoints;

/// <summary>A place of a pickle that holds tensors by name: a state dict, or the one that a whole model would have.</summary>
/// <param name="Key">Where it lies: keys and attributes, joined by dots; empty at the top.</param>
/// <param name="Tensors">The tensors, not yet read.</param>
/// <param name="NotRead">Entries that look like tensors and can't be read, such as quantised ones: name and kind.</param>
/// <param name="Layers">The layers of a whole model, with prefixes as in the names of tensors.</param>
internal sealed record StoredWeights(
    string Key,
    OrderedDictionary<string, TensorReference> Tensors,
    List<KeyValuePair<string, string>> NotRead,
    List<StoredLayer> Layers
)
{
    private const string Modules = "_modules";
    private const string Parameters = "_parameters";
    private const string Buffers = "_buffers";

    /// <summary>Keys under which training scripts put the weights.</summary>
    private static readonly string[] UsualKeys =
    [
        "state_dict",
        "model_state_dict",
        "model_state",
        "model",
        "net",
        "network",
        "module",
        "weights",
        "params",
        "backbone",
        "student",
        "learner",
    ];

    private const int MaxDepth = 8;
    private const int MaxModuleDepth = 64;
    private const int MostElements = 64;
    private const int MostVisits = 1_000_000;

    /// <summary>Modules' names are joined, which would make long ones endless.</summary>
    private const int LongestName = 1024;

    /// <summary>Shapes by name.</summary>
    public IReadOnlyDictionary<string, long[]> Shapes => Tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Size);

    /// <summary>All places with tensors, the usual ones first, then those with most tensors.</summary>
    /// <exception cref="InvalidDataException">Modules are nested too deeply, or the pickle refers to itself too often.</exception>
    public static IReadOnlyList<StoredWeights> In(object? root)
    {
        var search = new Search();
        search.Visit(root, "", MaxDepth);
        return [.. search.Found.OrderBy(place => RankOf(place.Key)).ThenByDescending(place => place.Tensors.Count)];
    }

    private static int RankOf(string key)
    {
        var rank = Array.IndexOf(UsualKeys, key.Split('.')[^1]);
        return key.Length > 0 && rank < 0 ? UsualKeys.Length : rank;
    }

    /// <summary>Walks through containers and inert objects. A pickle can contain itself, so visits are counted.</summary>
    private sealed class Search
    {
        private readonly HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<PickleInstance, TensorReference?> arrays = new(ReferenceEqualityComparer.Instance);
        private int visits;

        public List<StoredWeights> Found { get; } = [];

        public void Visit(object? place, string key, int depth)
        {
            if (place is null or string || depth == 0 || !seen.Add(place))
                return;
            if (place is PickleInstance instance)
                VisitObject(instance, key, depth);
            else if (place is PickleDictionary dictionary)
                VisitItems(dictionary, key, depth);
            else if (place is IReadOnlyList<object?> list)
                foreach (var (i, item) in list.Take(MostElements).Index())
                    Visit(item, Join(key, $"{i}"), depth - 1);
        }

        private void VisitObject(PickleInstance instance, string key, int depth)
        {
            var attributes = AttributesOf(instance);
            if (IsModule(attributes))
            {
                var place = Empty(key);
                AddModule(instance, "", place, MaxModuleDepth);
                AddIfAny(place);
                return;
            }

            VisitItems(instance.Items, key, depth);
            VisitItems(attributes, key, depth);
            if (instance.State is object?[] and [_, _, _, _, IReadOnlyList<object?> and [var only]]) // NumPy's array of one object
                Visit(only, key, depth - 1);
        }

        private void VisitItems(PickleDictionary items, string key, int depth)
        {
            var place = Empty(key);
            foreach (var (name, value) in items)
                if (name is string text)
                    Add(text, value, place);
            AddIfAny(place);
            foreach (var (name, value) in items)
                if (name is string or long)
                    Visit(value, Join(key, $"{name}"), depth - 1);
        }

        private void AddIfAny(StoredWeights place)
        {
            if (place.Tensors.Count + place.NotRead.Count > 0)
                Found.Add(place);
        }

        /// <summary>What <c>state_dict()</c> would give: parameters, persistent buffers, then the modules inside.</summary>
        private void AddModule(PickleInstance instance, string prefix, StoredWeights place, int depth)
        {
            if (depth == 0)
                throw UntrustedFile.Unexpected($"modules at most {MaxModuleDepth} deep in each other", "deeper ones");
            Count();
            var module = AttributesOf(instance);
            if (prefix.Length > 0)
                place.Layers.Add(new StoredLayer(prefix[..^1], instance.Type, module));
            var unsaved = NamesOf(module.Find("_non_persistent_buffers_set"));
            foreach (var (name, value) in DictionaryOf(module.Find(Parameters)))
                if (name is string text)
                    Add(prefix + text, value, place);
            foreach (var (name, value) in DictionaryOf(module.Find(Buffers)))
                if (name is string text && !unsaved.Contains(text))
                    Add(prefix + text, value, place);
            foreach (var (name, value) in DictionaryOf(module.Find(Modules)))
                if (name is string text && value is PickleInstance inner)
                    AddModule(inner, $"{prefix}{text}.", place, depth - 1);
        }

        private void Add(string name, object? value, StoredWeights place)
        {
            Count();
            if (name.Length > LongestName)
                throw UntrustedFile.Unexpected($"names of at most {LongestName} letters", "a longer one");
            if ((value as TensorReference ?? ArrayOf(value)) is { } tensor)
                place.Tensors[name] = tensor;
            else if (value is PickleInstance { Type: var type } && IsTensor(type))
                place.NotRead.Add(new(name, Printable.Start(type)));
        }

        // Each once: a pickle may give the same large array many names.
        private TensorReference? ArrayOf(object? value)
        {
            if (value is not PickleInstance instance)
                return null;
            if (!arrays.TryGetValue(instance, out var array))
                arrays.Add(instance, array = NumpyArray.Of(instance));
            return array;
        }

        // A module may lie in another twice, and that one in a third: there are more ways through them than modules.
        private void Count()
        {
            if (++visits > MostVisits)
                throw UntrustedFile.Unexpected($"at most {MostVisits} named values in the pickle", "more");
        }

        private static StoredWeights Empty(string key) => new(key, [], [], []);
    }

    private static bool IsModule(PickleDictionary attributes) =>
        attributes.Find(Modules) is PickleDictionary or PickleInstance || attributes.Find(Parameters) is PickleDictionary;

    /// <summary>Attributes, also where an object has slots beside them.</summary>
    private static PickleDictionary AttributesOf(PickleInstance instance) =>
        instance.State switch
        {
            PickleDictionary attributes => attributes,
            object?[] and [PickleDictionary attributes, ..] => attributes,
            _ => [],
        };

    private static PickleDictionary DictionaryOf(object? value) =>
        value switch
        {
            PickleDictionary dictionary => dictionary,
            PickleInstance instance => instance.Items,
            _ => [],
        };

    /// <summary>The names of a set, which old pickles make by a call.</summary>
    private static HashSet<string> NamesOf(object? set)
    {
        var items = set is PickleInstance { Arguments: [IReadOnlyList<object?> given, ..] } ? given : set as IReadOnlyList<object?>;
        return [.. (items ?? []).OfType<string>()];
    }

    private static bool IsTensor(string type) =>
        type.Contains("_rebuild_", StringComparison.Ordinal)
        || type.StartsWith("a tensor", StringComparison.Ordinal)
        || type.EndsWith(".multiarray._reconstruct", StringComparison.Ordinal); // NumPy's arrays

    private static string Join(string key, string name) => key.Length == 0 ? name : $"{key}.{name}";
}
