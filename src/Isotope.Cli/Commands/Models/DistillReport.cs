using Isotope.Reports;
using Isotope.Training;

namespace Isotope.Cli.Commands.Models;

/// <summary>What <c>distill</c> did.</summary>
/// <param name="Student">The student's training.</param>
/// <param name="Teacher">What was asked, for people.</param>
/// <param name="Queries">Images asked about in this run.</param>
/// <param name="Labels">What the student learned.</param>
/// <param name="Agreement">Fraction of the training images on which the student gives the teacher's first label.</param>
internal sealed record DistillReport(TrainingFacts Student, string Teacher, long Queries, LabelKind Labels, double Agreement)
{
    public IEnumerable<string> Lines()
    {
        yield return $"distilled   {Student.Architecture} from {Teacher} on {Student.Images} images";
        yield return $"epochs      {Student.Epochs}";
        yield return $"queries     {Queries} in this run";
        yield return $"agreement   {100 * Agreement:F1} % of the teacher's first labels on these images ({Labels} labels)";
        if (Student.Accuracy is { } accuracy)
            yield return $"accuracy    {100 * accuracy:F1} % on the test images";
        yield return $"checkpoint  {Student.Out}";
    }
}
