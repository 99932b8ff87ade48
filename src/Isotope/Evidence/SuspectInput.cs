using System.Text.Json.Nodes;
using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>What a suspect was said to take, among the options of a result.</summary>
internal static class SuspectInput
{
    private const string Layer = "testedLayer";
    private const string Mean = "testedMean";
    private const string Std = "testedStd";
    private const string Size = "testedSize";

    /// <summary>Adds it to a result's options.</summary>
    /// <param name="options">The result's options so far.</param>
    /// <param name="file">The suspect's file as it was named; empty where it is not a file.</param>
    /// <param name="input">What the user said of it.</param>
    public static JsonObject Describe(JsonObject options, string file, InputOverride input)
    {
        options[Layer] = NetworkReference.Parse(file).Layer;
        options[Mean] = Array(input.Mean);
        options[Std] = Array(input.Std);
        options[Size] = input.Size;
        return options;
    }

    /// <summary>Reads it back, to make a test again.</summary>
    /// <exception cref="IsotopeException">The options are something else.</exception>
    public static InputOverride Of(JsonObject options)
    {
        try
        {
            return new InputOverride
            {
                Mean = Numbers(options[Mean]),
                Std = Numbers(options[Std]),
                Size = (int?)options[Size],
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new IsotopeException($"result: expected numbers for {Mean}, {Std} and {Size}, found something else", e);
        }
    }

    private static JsonArray? Array(IReadOnlyList<double>? numbers) =>
        numbers is null ? null : [.. numbers.Select(number => (JsonNode?)number)];

    private static double[]? Numbers(JsonNode? node) =>
        node is JsonArray numbers ? [.. numbers.Select(number => number!.GetValue<double>())] : null;
}
