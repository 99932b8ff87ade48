using System.Text.Json.Nodes;
using Isotope.Datasets;

namespace Isotope.Networks;

/// <summary>Checks that a network is the one a manifest names, given images in the same way: another one has no carriers.</summary>
internal static class MarkingNetworkCheck
{
    /// <summary>The manifest's setting.</summary>
    public const string Setting = "network";

    private const string Sha256 = "sha256";
    private const string Input = "input";

    /// <summary>What a manifest says of the network.</summary>
    public static JsonObject Describe(Network network) =>
        new()
        {
            ["architecture"] = network.Architecture,
            [Sha256] = network.Sha256,
            [Input] = $"{network.Input}",
        };

    /// <summary>Whether a manifest says how the network took images; those written before Isotope could be told don't.</summary>
    public static bool StatesInput(Manifest manifest) => manifest.Settings[Setting]?[Input] is not null;

    /// <exception cref="IsotopeException">It is another network, or takes images another way.</exception>
    public static void Require(Network network, Manifest manifest)
    {
        var stated = manifest.Settings[Setting];
        if (stated?[Sha256]?.ToString() is { } marked && network.Sha256 != marked)
            throw new IsotopeException(
                "--marking-network: expected the network that the images were marked with, "
                    + $"sha256 {marked}, found another, {network.Sha256 ?? "of no file"}"
            );
        if (stated?[Input]?.ToString() is { } input && $"{network.Input}" != input)
            throw new IsotopeException($"--marking-input: expected {input}, as for marking, found {network.Input}");
    }
}
