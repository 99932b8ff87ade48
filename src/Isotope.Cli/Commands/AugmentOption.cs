using Isotope.Cli.Terminal;
using Isotope.Datasets;

namespace Isotope.Cli.Commands;

/// <summary><c>--augment</c>: the views of an image.</summary>
internal sealed class AugmentOption(string purpose)
    : ChoiceOption<Augmentation>(
        "--augment",
        $"{purpose}: the centre crop, shifts and flips, or resized crops and flips",
        "shift",
        ("centre", Augmentation.Centre),
        ("shift", Augmentation.Shift),
        ("resized", Augmentation.Resized)
    );
