using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Networks.Checkpoints;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>
/// An unfinished training run on disk: weights, momentum, epochs done and settings, in one safetensors file beside the output. A run that
/// continues from it ends the same as one that was never interrupted.
/// </summary>
public sealed class TrainingState
{
    private const string SettingsKey = "isotope.settings";
    private const string LossesKey = "isotope.losses";
    private const string WeightPrefix = "weight.";
    private const string MomentumPrefix = "momentum.";
    private readonly string path;
    private readonly JsonObject settings;

    /// <summary>The state of the run that writes <paramref name="output"/> with these settings.</summary>
    public TrainingState(string output, JsonObject settings)
    {
        path = output + ".resume";
        this.settings = settings;
    }

    /// <summary>Loads the weights and momentum that an earlier run left, if any.</summary>
    /// <returns>The mean loss of each epoch done.</returns>
    /// <exception cref="IsotopeException">The earlier run had other settings, or its file is damaged.</exception>
    internal List<double> Restore(TorchNetwork network, Sgd optimizer)
    {
        if (!File.Exists(path))
            return [];
        using var saved = Safetensors.Load(path);
        RunSettings.RequireSame(path, Parse(saved, SettingsKey, json => JsonNode.Parse(json)), settings);
        using var noGradient = no_grad();
        foreach (var (name, tensor) in network.Module.state_dict())
            tensor.copy_(Find(saved, WeightPrefix + name, tensor));
        var parameters = network.Module.parameters().ToArray();
        var hasMomentum = saved.Names.Any(name => name.StartsWith(MomentumPrefix, StringComparison.Ordinal));
        for (var i = 0; i < parameters.Length && hasMomentum; i++)
        {
            var momentum = Find(saved, MomentumPrefix + i, parameters[i]);
            optimizer.Momenta[i] = momentum.to(parameters[i].device, copy: true).DetachFromDisposeScope();
        }

        return [.. Parse(saved, LossesKey, json => JsonSerializer.Deserialize<double[]>(json))];
    }

    /// <summary>Saves the state after an epoch.</summary>
    internal void Save(TorchNetwork network, Sgd optimizer, IReadOnlyList<double> losses)
    {
        var weights = network.Module.state_dict().Select(pair => KeyValuePair.Create(WeightPrefix + pair.Key, pair.Value));
        var momentum = optimizer
            .Momenta.Index()
            .Where(buffer => buffer.Item is not null)
            .Select(buffer => KeyValuePair.Create(MomentumPrefix + buffer.Index, buffer.Item!));
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [SettingsKey] = settings.ToJsonString(),
            [LossesKey] = JsonSerializer.Serialize(losses),
        };
        Safetensors.Save(path, [.. weights, .. momentum], metadata);
    }

    /// <summary>Removes the file of a finished run.</summary>
    public void Delete() => File.Delete(path);

    private T Parse<T>(StateDict saved, string key, Func<string, T?> parse)
        where T : class
    {
        var json = saved.Metadata.GetValueOrDefault(key, "null");
        try
        {
            JsonFile.Check(json);
            return parse(json) ?? throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new IsotopeException(
                $"{path}: expected {key} of an unfinished training run, found '{Printable.Start(json)}'; delete it to start anew",
                e
            );
        }
    }

    private Tensor Find(StateDict saved, string name, Tensor like) =>
        saved.TryGet(name, out var tensor) && tensor.shape.SequenceEqual(like.shape)
            ? tensor
            : throw new IsotopeException(
                $"{path}: expected a tensor {name} of shape [{string.Join(", ", like.shape)}], found "
                    + $"{(tensor is null ? "none" : "another")}"
            );
}
