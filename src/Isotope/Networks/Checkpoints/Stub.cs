#pragma warning disable
using static TorchSharp.torch;
namespace Isotope.Networks.Checkpoints;
public sealed class StateDict : IDisposable { public IReadOnlyDictionary<string,string> Metadata => null!; public IEnumerable<string> Names => null!; public Tensor this[string n] => null!; public bool TryGet(string n, out Tensor t) { t = null!; return false; } public void Dispose() {} }
public static class Checkpoint { public static StateDict Load(string p) => null!; }
public static class Safetensors { public static void Save(string p, IEnumerable<KeyValuePair<string,Tensor>> t, IReadOnlyDictionary<string,string>? m = null) {} public static StateDict Load(string p) => null!; }
