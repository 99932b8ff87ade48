using System.Runtime.InteropServices;
using Google.Protobuf;
using Isotope.Files;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Isotope.Networks.Onnx;

/// <summary>
/// An ONNX model, run by ONNX Runtime on the CPU. It has no gradients, so it can only be tested. The input of its final linear layer
/// becomes an output of the graph.
/// </summary>
internal sealed class OnnxNetwork : Network
{
    private readonly string path;
    private readonly OnnxHead head;
    private readonly InferenceSession session;
    private readonly OnnxInput input;

    private OnnxNetwork(OnnxFile file, OnnxHead head, InferenceSession session, OnnxInput input, InputSpec spec, Device device)
        : base("onnx", spec, file.Sha256(), device)
    {
        path = file.Path;
        this.head = head;
        this.session = session;
        this.input = input;
        Weight = head.Weight.to(device).DetachFromDisposeScope();
        Bias = head.Bias?.to(device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Weight { get; }

    /// <inheritdoc/>
    public override Tensor? Bias { get; }

    /// <summary>Loads a model and finds its classifier.</summary>
    /// <exception cref="IsotopeException">
    /// The file is damaged or not harmless, its input size is unknown, or there is no final linear layer.
    /// </exception>
    public static OnnxNetwork Open(string path, Device device, InputOverride? overrides)
    {
        using var scope = NewDisposeScope();
        var file = OnnxFile.Read(path);
        var head = UntrustedFile.Guard(path, () => OnnxHead.Find(file));
        var outputs = file.Model.Graph.Output;
        foreach (var name in new[] { head.Features, head.Logits })
            if (outputs.All(output => output.Name != name))
                outputs.Add(new ValueInfoProto { Name = name });
        var session = Try(path, () => Start(file));
        OnnxNetwork? network = null;
        try
        {
            var input = OnnxInput.Of(session, path, overrides?.Size);
            network = new OnnxNetwork(file, head, session, input, InputOverride.ForFile(overrides, input.Size), device)
            {
                InputIsAssumed = overrides?.Mean is null,
            };
            network.CheckHead();
            return network;
        }
        catch
        {
            network?.Dispose();
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor views)
    {
        if (views.requires_grad && is_grad_enabled())
            throw new IsotopeException(
                $"{path}: expected a network with gradients, found an ONNX model; it can be tested only, by --statistic paper"
            );
        return Run(views, head.Features);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        session.Dispose();
        Weight.Dispose();
        Bias?.Dispose();
        base.Dispose(disposing);
    }

    private static InferenceSession Start(OnnxFile file)
    {
        using SessionOptions options = new()
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = get_num_threads(),
        };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", file.External.Folder);
        return new InferenceSession(file.Model.ToByteArray(), options);
    }

    private void CheckHead()
    {
        using var scope = NewDisposeScope();
        var views = HeadCheck.Views(Input.Size).to(Device);
        var error = HeadCheck.Error(Run(views, head.Features), Weight, Bias, Run(views, head.Logits));
        if (!(error <= HeadCheck.Tolerance))
            throw new IsotopeException(
                $"{path}: expected that input, weight and bias of the last linear layer give its output '{head.Logits}', found other output"
            );
    }

    /// <summary>A value of the graph for these views, N × its size, computed in runs of the model's batch size.</summary>
    private Tensor Run(Tensor views, string output)
    {
        using var scope = NewDisposeScope();
        var normalised = Normalise(views).detach().cpu();
        if (input.Batch is not { } batch)
            return RunBatch(normalised, output).to(Device).MoveToOuterDisposeScope();
        var parts = normalised.split(batch).Select(part => RunBatch(Pad(part, batch), output).narrow(0, 0, part.shape[0]));
        return cat([.. parts]).to(Device).MoveToOuterDisposeScope();
    }

    private Tensor RunBatch(Tensor views, string output) =>
        Try(
            path,
            () =>
            {
                var values = MemoryMarshal.Cast<byte, float>(views.contiguous().bytes).ToArray();
                using var fed = OrtValue.CreateTensorValueFromMemory(values, views.shape);
                using RunOptions options = new();
                using var results = session.Run(options, [input.Name], [fed], [output]);
                return tensor(results[0].GetTensorDataAsSpan<float>().ToArray()).view(views.shape[0], -1);
            }
        );

    private static T Try<T>(string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is OnnxRuntimeException or ExternalException or InvalidOperationException)
        {
            throw new IsotopeException($"{path}: expected an ONNX model that runs, found: {Printable.FirstLine(e.Message)}", e);
        }
    }
}
