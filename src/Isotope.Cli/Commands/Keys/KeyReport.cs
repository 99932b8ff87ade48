using Isotope.Carriers;
using Isotope.Files;

namespace Isotope.Cli.Commands.Keys;

/// <summary>The public part of a key.</summary>
internal sealed record KeyReport(int Classes, int Dimension, string Origin, DateOnly? Created, string Commitment)
{
    public static KeyReport Of(CarrierKey key) => new(key.Classes, key.Dimension, key.Origin, key.Created, key.Commitment);

    public IEnumerable<string> Lines()
    {
        yield return $"classes     {Classes}";
        yield return $"dimension   {Dimension}";
        yield return $"origin      {Printable.Line(Origin)}{KeyCommand.Caution(Origin)}";
        if (Created is { } created)
            yield return $"created     {created:O}";
        yield return $"commitment  {Commitment}";
    }
}
