using Isotope.Pickles;

namespace Isotope.Networks.Checkpoints;

/// <summary>A layer of a whole model, as <c>torch.save(model, FILE)</c> writes it.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Type">Module and name of its class in Python.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record StoredLayer(string Name, string Type, PickleDictionary Attributes)
{
    private static readonly string[] Parts = ["_parameters", "_buffers", "_modules"];

    /// <summary>The name of its class.</summary>
    public string Kind => Type[(Type.LastIndexOf('.') + 1)..];

    /// <summary>Whether it is PyTorch's own.</summary>
    public bool IsPyTorchs => Type.StartsWith("torch.nn.modules.", StringComparison.Ordinal);

    /// <summary>Whether it has neither weights nor layers inside.</summary>
    public bool IsBare => Parts.All(part => !HasAny(Attributes.Find(part)));

    /// <summary>An attribute for height and width, of which PyTorch writes one number where they are equal; null if it is neither.</summary>
    public (long Height, long Width)? Pair(string attribute) =>
        Attributes.Find(attribute) switch
        {
            long both => (both, both),
            IReadOnlyList<object?> and [long both] => (both, both),
            IReadOnlyList<object?> and [long height, long width] => (height, width),
            _ => null,
        };

    private static bool HasAny(object? part) =>
        part switch
        {
            PickleDictionary items => items.Exists(item => item.Value is not null),
            PickleInstance { Items: var items } => items.Exists(item => item.Value is not null),
            _ => false,
        };
}
