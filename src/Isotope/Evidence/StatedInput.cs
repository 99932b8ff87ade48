using System.Text.Json.Nodes;
using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>How a result says that its networks were given images.</summary>
internal static class StatedInput
{
    private const string Mean = "testedMean";
    private const string Std = "testedStd";
    private const string Size = "testedSize";

    /// <summary>What a network took in a test: all of it, or in results of version 0.1 what the suspect's user had stated.</summary>
    /// <param name="result">The result.</param>
    /// <param name="name">The input's name.</param>
    /// <exception cref="IsotopeException">The result's options are something else.</exception>
    public static InputOverride? Of(TestResult result, string name)
    {
        if (result.Input(name) is not { } input)
            return null;
        if (input.Input is { } stated)
            return stated.IsValid() ? InputOverride.Of(stated) : throw Unexpected($"the input of {name}");
        return name == TestInput.TestedNetwork || name == TestInput.Answers ? OfOptions(result.Options) : null;
    }

    private static InputOverride? OfOptions(JsonObject options)
    {
        try
        {
            var size = (int?)options[Size];
            InputOverride input = new()
            {
                Mean = Numbers(options[Mean]),
                Std = Numbers(options[Std]),
                Size = size,
                // Version 0.1 cropped large views also where their size was stated.
                CentreRatio = size is { } stated ? InputOverride.ForFile(null, stated).CentreRatio : null,
            };
            return input.IsEmpty ? null : input;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException)
        {
            throw Unexpected($"{Mean}, {Std} and {Size}", e);
        }
    }

    private static double[]? Numbers(JsonNode? node) =>
        node is JsonArray numbers ? [.. numbers.Select(number => number!.GetValue<double>())] : null;

    private static IsotopeException Unexpected(string what, Exception? inner = null)
    {
        var message = $"result: expected usable numbers for {what}, found something else";
        return inner is null ? new IsotopeException(message) : new IsotopeException(message, inner);
    }
}
