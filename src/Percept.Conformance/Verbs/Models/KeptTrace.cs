using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Keeps a copy of every tensor that a model shows.</summary>
internal sealed class KeptTrace : ForwardTrace
{
    private readonly Dictionary<string, Tensor> _seen = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, Tensor> Seen => _seen;

    public override void See(string name, Tensor value) => _seen[name] = Ops.Clone(value).KeepAlways();
}
