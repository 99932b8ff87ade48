using System.Runtime.InteropServices;
using Isotope.Files;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>
/// A TorchScript model (<c>torch.jit.trace</c> or <c>torch.jit.script</c>, saved unfrozen). Its classifier's weight is replaced by the
/// identity and its bias by zero, so that the model returns its features; gradients flow to the pixels. Loading runs the file's program:
/// <see cref="ScriptArchive"/> says what that means and what is refused.
/// </summary>
internal sealed class ScriptNetwork : Network
{
    private readonly jit.ScriptModule<Tensor, Tensor> module;
    private readonly string path;
    private (Tensor Weight, Tensor? Bias)? head;

    private ScriptNetwork(string path, jit.ScriptModule<Tensor, Tensor> module, InputSpec input, Device device)
        : base("torchscript", input, Hashes.OfFile(path), device)
    {
        this.path = path;
        this.module = module;
    }

    /// <inheritdoc/>
    public override Tensor Weight => head!.Value.Weight;

    /// <inheritdoc/>
    public override Tensor? Bias => head!.Value.Bias;

    /// <summary>Loads a model; its classifier is the named layer, or else found.</summary>
    /// <exception cref="IsotopeException">
    /// The file is damaged or not harmless, its input size is unknown, or there is no such layer.
    /// </exception>
    public static ScriptNetwork Open(string path, string? layer, Device device, InputOverride? overrides)
    {
        var size =
            overrides?.Size
            ?? throw new IsotopeException(
                $"{path}: expected the side of its views, as in --tested-input size=32, since a TorchScript file does not tell it"
            );
        using var scope = NewDisposeScope();
        var archive = UntrustedFile.Read(path, ScriptArchive.Repack);
        var module = Try(path, () => jit.load<Tensor, Tensor>(archive, device));
        var network = new ScriptNetwork(path, module, InputOverride.ForFile(overrides, size), device)
        {
            InputIsAssumed = overrides?.Mean is null,
        };
        try
        {
            network.SplitAt(layer);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor views)
    {
        using var scope = NewDisposeScope();
        return Run(views).flatten(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        using var scope = NewDisposeScope(); // a script module makes new handles of its tensors to dispose them
        module.Dispose();
        head?.Weight.Dispose();
        head?.Bias?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Run(Tensor views) => Try(path, () => module.call(Normalise(views)));

    /// <summary>Replaces a layer by the identity: the named one, or else the last one that reproduces the logits.</summary>
    private void SplitAt(string? layer)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        module.eval();
        foreach (var (_, parameter) in module.named_parameters())
            parameter.requires_grad_(false);
        var candidates = ScriptLayer.Of(module);
        var tried = candidates.Where(candidate => layer is null || candidate.Name == layer).Reverse().ToArray();
        var views = HeadCheck.Views(Input.Size).to(Device);
        var logits = Run(views);
        if (!tried.Any(candidate => TrySplit(candidate, views, logits)))
            throw NoHead(layer, tried.Length > 0, candidates);
    }

    private bool TrySplit(ScriptLayer layer, Tensor views, Tensor logits)
    {
        head = layer.Remove();
        try
        {
            if (HeadCheck.Error(Features(views), Weight, Bias, logits) <= HeadCheck.Tolerance)
                return true;
        }
        catch (IsotopeException)
        {
            // The layer after this one can't take the identity's output.
        }

        layer.Restore(Weight, Bias);
        head = null;
        return false;
    }

    private IsotopeException NoHead(string? layer, bool exists, IReadOnlyList<ScriptLayer> candidates)
    {
        var expected = (layer, exists) switch
        {
            (null, _) => "a final linear layer whose input, weight and bias give the model's output; it may be named as FILE#LAYER",
            (_, true) => $"that input, weight and bias of the linear layer '{layer}' give the model's output",
            _ => $"a linear layer named '{layer}'",
        };
        var found = exists ? "other output; linear layers" : "linear layers";
        var names = LinearLayer.Names([.. candidates.Select(candidate => candidate.Name)]);
        if (candidates.Count == 0)
            names = "none (was the model frozen or quantized?)";
        return new IsotopeException($"{path}: expected {expected}, found {found} {names}");
    }

    /// <summary>Turns libtorch's exceptions, which are pages long, into one line.</summary>
    private static T Try<T>(string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (IsOfTorch(e))
        {
            throw new IsotopeException(
                $"{path}: expected TorchScript from one tensor to one tensor, found: {Printable.FirstLine(e.Message)}",
                e
            );
        }
    }

    private static bool IsOfTorch(Exception e) =>
        e is ExternalException or InvalidCastException or InvalidOperationException or NotImplementedException or NotSupportedException;
}
