using Isotope.Carriers;
using Isotope.Evidence;
using Isotope.Files;

namespace Isotope.Cli.Commands.Keys;

/// <summary>The public part of a key.</summary>
internal sealed record KeyReport(int Classes, int Dimension, string Origin, DateOnly? Created, string Commitment, PlanStatement? Plan)
{
    /// <summary>What is said of a key without a plan.</summary>
    public const string WithoutPlan = "none: the owner could have chosen this key (isotope plan)";

    public static KeyReport Of(CarrierKey key) =>
        new(key.Classes, key.Dimension, key.Origin, key.Created, key.Commitment, PlanStatement.Of(key, []));

    public IEnumerable<string> Lines()
    {
        yield return $"classes     {Classes}";
        yield return $"dimension   {Dimension}";
        yield return $"origin      {Printable.Line(Origin)}{KeyCommand.Caution(Origin)}";
        if (Created is { } created)
            yield return $"created     {created:O}";
        yield return $"plan        {(Plan is { } plan ? $"{plan.Sha256}, drawn with {plan.Beacon} of {plan.DrawnAt:u}" : WithoutPlan)}";
        yield return $"commitment  {Commitment}";
    }
}
