using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// Finds the architecture that a state dict fits. Candidates are built on the meta device, where tensors have shapes but no values: 0.2 s
/// and no memory for the whole catalogue.
/// </summary>
internal static class Recogniser
{
    /// <summary>The architecture that fits, and its number of classes.</summary>
    /// <exception cref="IsotopeException">None fits, or several do.</exception>
    public static (Architecture Architecture, int Classes) Recognise(
        IReadOnlyDictionary<string, long[]> shapes,
        string path,
        IReadOnlyList<Architecture> among
    )
    {
        var candidates = among.Select(architecture => Candidate.Of(architecture, shapes)).ToList();
        var fitting = candidates.FindAll(candidate => candidate.Differences.Count == 0);
        if (fitting is [var only])
            return (only.Architecture, only.Classes);
        if (fitting.Count == 0)
            throw new IsotopeException(
                $"{path}: expected the tensors of an architecture in the catalogue, found {Nearest(candidates, shapes)}"
            );
        var names = string.Join(" and ", fitting.Select(candidate => candidate.Architecture.Name));
        throw new IsotopeException($"{path}: expected ARCHITECTURE:FILE, since its tensors fit {names}");
    }

    private static string Nearest(List<Candidate> candidates, IReadOnlyDictionary<string, long[]> shapes)
    {
        var nearest = candidates
            .OrderByDescending(candidate => candidate.Agreeing)
            .ThenBy(candidate => candidate.Differences.Count)
            .First();
        if (nearest.Agreeing == 0)
            return $"none of them among its {shapes.Count}: {string.Join(", ", shapes.Keys.Take(3))}";
        var name = nearest.Architecture.Name;
        return $"others: nearest is {name}, tensors that differ: {nearest.Differences.Count}, first: {nearest.Differences[0]}";
    }

    /// <summary>An architecture compared with a state dict.</summary>
    /// <param name="Architecture">The architecture.</param>
    /// <param name="Classes">Number of classes by the final layer in the state dict; 1 if it is not there.</param>
    /// <param name="Agreeing">Number of tensors before the final layer with the same name and shape.</param>
    /// <param name="Differences">One line for each tensor that differs.</param>
    private sealed record Candidate(Architecture Architecture, int Classes, int Agreeing, IReadOnlyList<string> Differences)
    {
        public static Candidate Of(Architecture architecture, IReadOnlyDictionary<string, long[]> shapes)
        {
            using var scope = NewDisposeScope();
            var classes = architecture.ClassesIn(shapes) ?? 1;
            using var module = architecture.Build(classes, new Device(DeviceType.META));
            var agreeing = module
                .state_dict()
                .Count(item =>
                    !item.Key.StartsWith($"{architecture.HeadName}.", StringComparison.Ordinal)
                    && shapes.TryGetValue(item.Key, out var shape)
                    && shape.SequenceEqual(item.Value.shape)
                );
            return new Candidate(architecture, classes, agreeing, WeightLoader.Differences(module, shapes));
        }
    }
}
