using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// Finds the architecture that a state dict fits. Candidates are built on the meta device, where tensors have shapes and no
/// values: 0.2 s and no memory for the whole catalogue.
/// </summary>
internal static class Recogniser
{
    /// <exception cref="IsotopeException">None fits, or several do.</exception>
    public static (Architecture Architecture, int Classes) Recognise(
        IReadOnlyDictionary<string, long[]> shapes,
        string path,
        IReadOnlyList<Architecture> among
    )
    {
        var candidates = among.Select(architecture => Candidate.Of(architecture, shapes)).ToList();
        return candidates.FindAll(candidate => candidate.Differences.Count == 0) switch
        {
            [var only] => (only.Architecture, only.Classes),
            [] => throw new IsotopeException(
                $"{path}: expected the tensors of an architecture in the catalogue, found {Nearest(candidates, shapes)}"
            ),
            var several => throw new IsotopeException(
                $"{path}: expected ARCHITECTURE:FILE, since its tensors fit "
                    + $"{string.Join(" and ", several.Select(candidate => candidate.Architecture.Name))}"
            ),
        };
    }

    private static string Nearest(List<Candidate> candidates, IReadOnlyDictionary<string, long[]> shapes)
    {
        var nearest = candidates
            .OrderByDescending(candidate => candidate.Agreeing)
            .ThenBy(candidate => candidate.Differences.Count)
            .First();
        return nearest.Agreeing == 0
            ? $"none of them among its {shapes.Count}: {string.Join(", ", shapes.Keys.Take(3))}"
            : $"others: nearest is {nearest.Architecture.Name}, tensors that differ: {nearest.Differences.Count}, first: "
                + $"{nearest.Differences[0]}";
    }

    /// <param name="Architecture">What the tensors are compared with.</param>
    /// <param name="Classes">As many as its final layer has in the state dict, or 1 if it has none there.</param>
    /// <param name="Agreeing">How many tensors below the final layer are the same by name and shape.</param>
    /// <param name="Differences">One line each.</param>
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
