using System.Runtime.InteropServices;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Keeps the logits of a model's routers as they are recorded, so that the loss of them has gradients.</summary>
/// <remarks>For one forward pass and one thread; <see cref="Clear"/> it before the next.</remarks>
public sealed class RouterTrace : ForwardTrace
{
    private readonly List<Tensor> _logits = [];

    /// <inheritdoc/>
    public override void See(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.StartsWith("router_logits.", StringComparison.Ordinal))
        {
            _logits.Add(value);
        }
    }

    /// <summary>Forgets what it has seen.</summary>
    public void Clear() => _logits.Clear();

    /// <summary>The loss that spreads tokens over experts, before its weight: float32 []; null where no layer is sparse.</summary>
    /// <param name="balance">How many experts a token takes.</param>
    public Tensor? Loss(RouterBalance balance)
    {
        ArgumentNullException.ThrowIfNull(balance);
        return _logits.Count == 0
            ? null
            : Ops.LoadBalancingLoss(Ops.Concat(CollectionsMarshal.AsSpan(_logits), 0), balance.TopK);
    }
}
