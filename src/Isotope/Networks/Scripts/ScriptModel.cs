using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Isotope.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>A TorchScript program that libtorch has loaded, in evaluation mode and 32 bits.</summary>
internal sealed class ScriptModel : IDisposable
{
    private readonly string path;

    private ScriptModel(string path, jit.ScriptModule module)
    {
        this.path = path;
        Module = module;
    }

    /// <summary>The program; a split changes its parameters.</summary>
    public jit.ScriptModule Module { get; }

    /// <summary>Loads a checked program.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="edit">Changes its source, by the record's name.</param>
    /// <exception cref="IsotopeException">It is damaged or not harmless, or libtorch does not load it.</exception>
    public static ScriptModel Load(string path, Device device, Func<string, string, string> edit)
    {
        var archive = UntrustedFile.Read(path, stream => ScriptArchive.Repack(stream, edit));
        var module = Try(path, () => jit.load(archive, device));
        var model = new ScriptModel(path, module);
        try
        {
            Try(path, model.Prepare);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>What the program returns for normalised views: its tensors in their order, null for what is none.</summary>
    /// <exception cref="IsotopeException">It fails, or returns something else.</exception>
    public IReadOnlyList<Tensor?> Run(Tensor views) => Try(path, () => Flatten(Module.call(views)).ToArray());

    /// <inheritdoc/>
    public void Dispose()
    {
        using var scope = NewDisposeScope(); // a script module makes new handles of its tensors to dispose them
        Module.Dispose();
    }

    private bool Prepare()
    {
        using var scope = NewDisposeScope();
        Module.eval();
        var parameters = Module.named_parameters().Select(pair => pair.parameter).ToArray();
        if (parameters.Any(parameter => parameter.is_floating_point() && parameter.dtype != float32))
        {
            Module.to(float32);
            parameters = [.. Module.named_parameters().Select(pair => pair.parameter)];
        }

        foreach (var parameter in parameters)
            parameter.requires_grad_(false);
        return true;
    }

    private static IEnumerable<Tensor?> Flatten(object? returned) =>
        returned switch
        {
            Tensor tensor => [tensor],
            ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Flatten(tuple[i])),
            IEnumerable list => list.Cast<object?>().SelectMany(Flatten),
            _ => [null],
        };

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
                $"{path}: expected TorchScript from one tensor to one tensor or several, found: {ReasonOf(e.Message)} (docs/export.md)",
                e
            );
        }
    }

    // The interpreter's first line only says that something failed; the cause stands below the trace.
    private static string ReasonOf(string message)
    {
        const string cause = "Error: ";
        var line = message.Split('\n').LastOrDefault(line => line.Contains(cause, StringComparison.Ordinal));
        return Printable.FirstLine(line ?? message);
    }

    private static bool IsOfTorch(Exception e) =>
        e
            is ExternalException
                or InvalidCastException
                or InvalidOperationException
                or NotImplementedException
                or NotSupportedException
                or ArgumentException;
}
