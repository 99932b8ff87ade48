using System.Text.Json;
using Isotope.Datasets;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>How images are put into a request, and answers read from its response.</summary>
internal abstract class EndpointProtocol
{
    /// <summary>Where requests go.</summary>
    public abstract Uri Url { get; }

    /// <summary>Hash of what the server says of the model, for the settings of a run; null where it says nothing.</summary>
    public virtual string? MetadataSha256 => null;

    /// <summary>Most images per request that the server takes.</summary>
    public virtual int MaxBatch => int.MaxValue;

    /// <summary>The body of a request, JSON.</summary>
    public abstract byte[] Request(ImageBatch batch);

    /// <summary>One answer per image.</summary>
    /// <exception cref="IsotopeException">The response is something else.</exception>
    public abstract IReadOnlyList<Answer> Read(JsonElement response, int images, int classes);

    /// <summary>A refusal of the response.</summary>
    protected IsotopeException Expected(string expected, string found) => new($"{Url}: expected {expected}, found {found}");

    /// <summary>A property of an object, whatever else the element is.</summary>
    protected static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>The numbers of an array, flat or nested, at most so many.</summary>
    /// <exception cref="IsotopeException">Something else than numbers, or more of them.</exception>
    protected double[] Numbers(JsonElement? array, int most)
    {
        if (array is not { ValueKind: JsonValueKind.Array } given)
            throw Expected("an array of numbers", array is null ? "none" : "something else");
        var numbers = new List<double>();
        Add(given);
        return [.. numbers];

        void Add(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
                foreach (var item in element.EnumerateArray())
                    Add(item);
            else if (element.ValueKind != JsonValueKind.Number)
                throw Expected("an array of numbers", $"{element.ValueKind}".ToLowerInvariant());
            else if (numbers.Count == most)
                throw Expected($"at most {most} numbers", "more");
            else
                numbers.Add(element.GetDouble());
        }
    }
}
