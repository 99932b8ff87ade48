namespace Isotope.Networks.Architectures;

/// <summary>An architecture by its name: how to build it and what it takes unless a checkpoint says otherwise.</summary>
/// <param name="Name">As on the command line, such as <c>resnet20</c>.</param>
/// <param name="HeadName">Name of the final linear layer in state dicts.</param>
/// <param name="Input">Default input.</param>
/// <param name="Build">Builds it with random weights for a number of classes.</param>
public sealed record Architecture(string Name, string HeadName, InputSpec Input, Func<int, ClassifierModule> Build);

/// <summary>All architectures: the one place where their names are known.</summary>
public static class Catalogue
{
    private static readonly InputSpec Cifar = new() { Size = 32 };

    /// <summary>Every architecture, in the order of the documentation.</summary>
    public static readonly IReadOnlyList<Architecture> All =
    [
        .. new[] { 14, 20, 32, 44, 56, 110 }.Select(depth =>
            new Architecture($"resnet{depth}", "linear", Cifar, classes => new CifarResNet((depth - 2) / 6, classes))),
    ];

    /// <summary>Whether a name is in the catalogue.</summary>
    public static bool Contains(string name) => All.Any(architecture => architecture.Name == name);

    /// <summary>The architecture of a name.</summary>
    /// <exception cref="IsotopeException">Not in the catalogue.</exception>
    public static Architecture Find(string name) =>
        All.FirstOrDefault(architecture => architecture.Name == name)
        ?? throw new IsotopeException($"architecture: expected one of {string.Join(", ", All.Select(a => a.Name))}; found '{name}'");
}
