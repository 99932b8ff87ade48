using System.Text.Json;
using System.Text.Json.Serialization;

namespace Isotope.Statistics;

/// <summary>Writes a p-value to JSON as its log₁₀: a number of at most 0, or "-Infinity" for p = 0.</summary>
internal sealed class PValueJson : JsonConverter<PValue>
{
    private const string Zero = "-Infinity";

    /// <inheritdoc/>
    public override PValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var log10 = reader.TokenType switch
        {
            JsonTokenType.Number => reader.GetDouble(),
            JsonTokenType.String when reader.ValueTextEquals(Zero) => double.NegativeInfinity,
            _ => double.NaN,
        };
        return log10 <= 0 ? new PValue(log10) : throw new JsonException("no log₁₀ of a p-value");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PValue value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value.Log10))
            writer.WriteNumberValue(value.Log10);
        else
            writer.WriteStringValue(Zero);
    }
}
