namespace Isotope.Networks.Architectures;

/// <summary>All architectures by name. A new family is one more list here.</summary>
internal static class Catalogue
{
    /// <summary>All architectures, in the order of the documentation.</summary>
    public static readonly IReadOnlyList<Architecture> All =
    [
        .. ResNetFamily.ForSmallImages,
        .. PreActivationResNet.Family,
        .. ResNetFamily.ForLargeImages,
        .. Vgg.Family,
        .. DenseNet.Family,
        .. MobileNetV2.Family,
        .. EfficientNet.Family,
        .. ConvNeXt.Family,
        .. VisionTransformer.Family,
        .. SwinTransformer.Family,
    ];

    private static readonly Dictionary<string, Architecture> ByName = All.ToDictionary(architecture => architecture.Name);

    /// <summary>Whether a name is in the catalogue.</summary>
    public static bool Contains(string name) => ByName.ContainsKey(name);

    /// <summary>Finds an architecture by name.</summary>
    /// <exception cref="IsotopeException">The name is not in the catalogue.</exception>
    public static Architecture Find(string name) =>
        ByName.GetValueOrDefault(name)
        ?? throw new IsotopeException($"architecture: expected one of {string.Join(", ", All.Select(a => a.Name))}; found '{name}'");

    /// <summary>
    /// Finds the architecture whose state dict has these names and shapes, perhaps after renaming (<see cref="Naming"/>), and its number of
    /// classes. Batch normalisation's counters may be missing. What leaves no trace in shapes, such as the position of a stride, goes
    /// unnoticed: <see cref="LeftOpen"/> says what that is.
    /// </summary>
    /// <param name="shapes">Shapes by the names in the file.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="IsotopeException">
    /// No architecture fits (the message names the nearest one and the first difference), or several do.
    /// </exception>
    public static IReadOnlyList<Fit> Recognise(IReadOnlyDictionary<string, long[]> shapes, string path) =>
        Recogniser.Recognise(shapes, path, All);

    /// <summary>Rarer architectures with the same tensors.</summary>
    public static IEnumerable<Architecture> TwinsOf(Architecture architecture) =>
        All.Where(other => other.CommonerTwin == architecture.Name);

    /// <summary>What the names and shapes of this architecture leave open, as <see cref="NetworkDescription.LeftOpen"/> says it.</summary>
    public static IReadOnlyList<string> LeftOpen(Architecture architecture) =>
        [
            .. TwinsOf(architecture).Select(twin => $"a {twin.Name} has the same tensors and other answers: choose it by {twin.Name}:FILE"),
            .. architecture.LeftOpen,
        ];
}
