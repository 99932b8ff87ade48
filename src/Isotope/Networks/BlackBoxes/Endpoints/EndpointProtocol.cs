using System.Text.Json;
using Isotope.Datasets;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>A protocol: how to put images into a request, and how to read answers from its response.</summary>
internal abstract class EndpointProtocol
{
    /// <summary>Address of requests.</summary>
    public abstract Uri Url { get; }

    /// <summary>SHA-256 of the server's metadata of the model, for a run's settings; null if there are none.</summary>
    public virtual string? MetadataSha256 => null;

    /// <summary>How the model is given images; null where they are sent as files.</summary>
    public virtual InputSpec? Input => null;

    /// <summary>Most images that the server takes per request.</summary>
    public virtual int MaxBatch => int.MaxValue;

    /// <summary>The body of a request, JSON.</summary>
    public byte[] Request(ImageBatch batch)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            Write(json, batch);
        return stream.ToArray();
    }

    /// <summary>Reads a response: one answer per image.</summary>
    /// <exception cref="IsotopeException">The response is something else.</exception>
    public abstract IReadOnlyList<Answer> Read(JsonElement response, int images, int classes);

    /// <summary>Writes the body of a request.</summary>
    protected abstract void Write(Utf8JsonWriter json, ImageBatch batch);

    /// <summary>The exception for an unexpected response.</summary>
    protected IsotopeException Expected(string expected, string found) => new($"{Url}: expected {expected}, found {found}");

    /// <summary>A property of an element; null if it has none or is not an object.</summary>
    protected static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>The numbers of an array, flat or nested.</summary>
    /// <exception cref="IsotopeException">It is something else, or has more than <paramref name="most"/> numbers.</exception>
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
