using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Keeps a copy of every tensor that a model shows.</summary>
internal sealed class KeptTrace : ForwardTrace
{
    private readonly Dictionary<string, Tensor> _seen = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, Tensor> Seen => _seen;

    public override void See(string name, Tensor value) => _seen[name] = Ops.Clone(value).KeepAlways();

    /// <summary>Keeps of every tensor only some rows.</summary>
    /// <param name="places">Which.</param>
    internal void Narrow(IReadOnlyList<int> places)
    {
        foreach (string name in _seen.Keys.ToArray())
        {
            _seen[name] = Ops.IndexSelect(_seen[name], Tensor.From(places.ToArray(), [places.Count]), 0);
        }
    }

    /// <summary>Gives the rows of what was kept, as far as it is wanted.</summary>
    /// <param name="context">Whose answers they are.</param>
    /// <param name="rows">The rows' places.</param>
    /// <param name="prefix">What stands in front of the names in the run.</param>
    internal void Give(RunContext context, PaddedRows rows, string prefix = "")
    {
        foreach (KeyValuePair<string, Tensor> seen in _seen)
        {
            if (context.Wants(prefix + seen.Key))
            {
                context.GiveRows(prefix + seen.Key, seen.Value, rows.Places);
            }
        }
    }
}
