using Isotope.Files;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Endpoints;
using Isotope.Networks.BlackBoxes.Predictions;

namespace Isotope.Evidence;

/// <summary>A model that is open for questions.</summary>
/// <param name="Model">The model.</param>
/// <param name="Access">How much of its output counts.</param>
/// <param name="Source">What it was opened from, for people.</param>
/// <param name="Input">The same for a result; ask for it once the model was asked.</param>
public sealed record OpenedModel(BlackBox Model, Access Access, string Source, Func<TestInput> Input);

/// <summary>A model that is asked for its outputs, by what it is opened from.</summary>
public abstract record AskedModel
{
    private protected AskedModel() { }

    /// <summary>How much of its output counts. Default: probabilities; of predictions, all they hold.</summary>
    public Access? Access { get; init; }

    /// <summary>What a network takes, where the user knows better than its file.</summary>
    public InputOverride Takes { get; init; } = new();

    /// <summary>What the model is among a test's inputs.</summary>
    public abstract InputPath Input { get; }

    /// <summary>How much of its output counts where nobody said.</summary>
    private protected Access Wanted => Access ?? new Access(OutputKind.Probabilities);

    /// <summary>Opens it.</summary>
    /// <param name="classes">Number of classes of the images.</param>
    /// <param name="environment">Where a network runs.</param>
    /// <param name="budget">Most images to ask an endpoint about, in all runs; null for no limit.</param>
    /// <exception cref="IsotopeException">It can't be used, or has other classes.</exception>
    public abstract OpenedModel Open(int classes, TestEnvironment environment, long? budget = null);
}

/// <summary>A network's file.</summary>
/// <param name="File">As <see cref="NetworkReference"/> reads it.</param>
public sealed record AskedNetwork(string File) : AskedModel
{
    /// <inheritdoc/>
    public override InputPath Input => new(TestInput.TestedNetwork, File);

    /// <inheritdoc/>
    public override OpenedModel Open(int classes, TestEnvironment environment, long? budget = null)
    {
        var network = environment.Suspect(File, Takes);
        if (network.OutputClasses == classes)
            return new(
                new LocalBlackBox(network, Wanted),
                Wanted,
                $"{network.Architecture} sha256:{network.Sha256}",
                () => TestInput.OfNetwork(TestInput.TestedNetwork, File, network)
            );
        var found = network.OutputClasses;
        network.Dispose();
        throw new IsotopeException($"{File}: expected a network of {classes} classes, as the images have, found {found}");
    }
}

/// <summary>A file of what a model said.</summary>
/// <param name="File">CSV or Parquet, as <see cref="PredictionFile"/> reads it.</param>
public sealed record AskedPredictions(string File) : AskedModel
{
    /// <inheritdoc/>
    public override InputPath Input => new(TestInput.Predictions, File);

    /// <inheritdoc/>
    public override OpenedModel Open(int classes, TestEnvironment environment, long? budget = null)
    {
        var model = PredictionFile.Open(File, classes, Access);
        return new(model, model.Access, $"predictions sha256:{Hashes.OfFile(File)}", () => TestInput.OfFile(TestInput.Predictions, File));
    }
}

/// <summary>The journal of what an endpoint answered in an earlier run; the endpoint is not asked again.</summary>
/// <param name="Journal">The file.</param>
public sealed record AskedAnswers(string Journal) : AskedModel
{
    /// <inheritdoc/>
    public override InputPath Input => new(TestInput.Answers, Journal);

    /// <inheritdoc/>
    public override OpenedModel Open(int classes, TestEnvironment environment, long? budget = null) =>
        new(
            ReplayedBlackBox.Open(Journal, classes, Wanted),
            Wanted,
            $"answers in {Journal}",
            () => TestInput.OfFile(TestInput.Answers, Journal)
        );
}

/// <summary>A model behind HTTP; its answers are kept in a journal, so that no image is asked about twice.</summary>
/// <param name="Options">The endpoint.</param>
/// <param name="Journal">The file that keeps its answers.</param>
public sealed record AskedEndpoint(EndpointOptions Options, string Journal) : AskedModel
{
    /// <inheritdoc/>
    public override InputPath Input => new(TestInput.Answers, Journal);

    /// <inheritdoc/>
    public override OpenedModel Open(int classes, TestEnvironment environment, long? budget = null)
    {
        var endpoint = EndpointBlackBox.Open(classes, Options, Wanted, environment.Cancellation);
        try
        {
            var recorded = RecordedBlackBox.Open(endpoint, Journal, endpoint.Settings, endpoint.BatchSize, budget);
            return new(recorded, Wanted, $"endpoint {Options.Url}", () => TestInput.OfFile(TestInput.Answers, Journal));
        }
        catch
        {
            endpoint.Dispose();
            throw;
        }
    }
}
