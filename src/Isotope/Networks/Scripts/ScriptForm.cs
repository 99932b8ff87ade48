using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>What a program's numbers are, and how the input of its last linear layer is read through what follows that layer.</summary>
internal abstract record ScriptForm
{
    /// <summary>A layer that stands for the classifier multiplies by this, so that softmax and sigmoid do not saturate.</summary>
    private const double Scale = 1.0 / 16;

    private const double SumTolerance = 1e-3;
    private const double Least = 1e-37;

    /// <summary>Logits, perhaps scaled.</summary>
    public static readonly ScriptForm Logits = new Plain();

    private static readonly ScriptForm Softmax = new Exponential(IsLog: false);
    private static readonly ScriptForm LogSoftmax = new Exponential(IsLog: true);
    private static readonly ScriptForm Sigmoid = new Logistic();

    /// <summary>The form of numbers N × C.</summary>
    /// <param name="values">The program's output for different views.</param>
    /// <param name="source">Its source.</param>
    public static ScriptForm Of(Tensor values, string source)
    {
        using var scope = NewDisposeScope();
        var (least, most) = (values.min().item<float>(), values.max().item<float>());
        if (least >= 0 && most <= 1 && SumToOne(values))
            return Softmax;
        if (most <= 0 && SumToOne(values.exp()))
            return LogSoftmax;
        return least >= 0 && most <= 1 && source.Contains("sigmoid", StringComparison.Ordinal) ? Sigmoid : Logits;
    }

    /// <summary>The matrix in the classifier's place, which lets its d inputs through: d or more rows, d columns.</summary>
    public virtual Tensor Passing(long inputs) => eye(inputs).Times(Scale);

    /// <summary>The inputs, from the program's output with that matrix and no bias.</summary>
    public abstract Tensor Inputs(Tensor output);

    /// <summary>Logits of an output, of which each row may lack a constant.</summary>
    public abstract Tensor LogitsOf(Tensor output);

    /// <summary>Logits in a form that can be compared: without what their output does not tell.</summary>
    public virtual Tensor Comparable(Tensor logits) => logits;

    /// <summary>The program's output, made from its logits.</summary>
    public abstract NetworkOutputs Output(Tensor logits);

    private static bool SumToOne(Tensor probabilities) => (probabilities.sum(1) - ones(1)).abs().max().item<float>() < SumTolerance;

    private sealed record Plain : ScriptForm
    {
        public override Tensor Inputs(Tensor output) => output.Over(Scale);

        public override Tensor LogitsOf(Tensor output) => output;

        public override NetworkOutputs Output(Tensor logits) => new(logits, AreProbabilities: false);
    }

    /// <summary>Softmax tells differences of logits only. A further logit, always 0, tells the inputs themselves.</summary>
    private sealed record Exponential(bool IsLog) : ScriptForm
    {
        // Softmax in 32 bits knows no smaller ones.
        private const double Lowest = -60;

        public override Tensor Passing(long inputs) => cat([base.Passing(inputs), zeros(1, inputs)]);

        public override Tensor Inputs(Tensor output)
        {
            var logits = LogitsOf(output);
            var last = logits.shape[1] - 1;
            return (logits.narrow(1, 0, last) - logits.narrow(1, last, 1)).Over(Scale);
        }

        public override Tensor LogitsOf(Tensor output) => IsLog ? output : output.AtLeast(Least).log();

        public override Tensor Comparable(Tensor logits) => logits.log_softmax(1).AtLeast(Lowest);

        public override NetworkOutputs Output(Tensor logits) =>
            IsLog ? new(logits, AreProbabilities: false) : new(logits.softmax(1), AreProbabilities: true);
    }

    private sealed record Logistic : ScriptForm
    {
        private const double Highest = 15;

        public override Tensor Inputs(Tensor output) => LogitsOf(output).Over(Scale);

        public override Tensor LogitsOf(Tensor output) => output.AtLeast(Least).log() - output.From(1).AtLeast(Least).log();

        // Nearer to 0 and 1, 32 bits round sigmoids.
        public override Tensor Comparable(Tensor logits) => logits.AtLeast(-Highest).AtMost(Highest);

        public override NetworkOutputs Output(Tensor logits) => new(logits.sigmoid(), AreProbabilities: true);
    }
}
