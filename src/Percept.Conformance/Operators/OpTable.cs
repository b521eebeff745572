using System.Collections.Frozen;

namespace Percept.Conformance;

/// <summary>
/// Every operator that cases can name, with the function that reads its settings and calls <c>Ops</c>.
/// </summary>
internal static class OpTable
{
    private static readonly FrozenDictionary<string, Action<OpRun>> s_ops = Build();

    /// <summary>The function of an operator.</summary>
    /// <exception cref="NotUnderstoodException">There is no such operator.</exception>
    internal static Action<OpRun> Find(string name) =>
        s_ops.TryGetValue(name, out Action<OpRun>? op)
            ? op
            : throw new NotUnderstoodException($"there is no operator '{name}'");

    private static FrozenDictionary<string, Action<OpRun>> Build()
    {
        var ops = new Dictionary<string, Action<OpRun>>(StringComparer.Ordinal);
        foreach ((string name, Action<OpRun> op) in Topics().SelectMany(static topic => topic))
        {
            ops.Add(name, op);
        }

        return ops.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static IEnumerable<IEnumerable<(string Name, Action<OpRun> Op)>> Topics()
    {
        yield return TypeOperators.Table;
        yield return IndexOperators.Table;
        yield return ShapeOperators.Table;
        yield return PatchOperators.Table;
        yield return ConvolutionOperators.Table;
        yield return PoolOperators.Table;
        yield return ResampleOperators.Table;
        yield return PairLossOperators.Table;
        yield return LossOperators.Table;
        yield return LinearOperators.Table;
        yield return MoeOperators.Table;
        yield return ElementwiseOperators.Table;
        yield return ActivationOperators.Table;
        yield return ReductionOperators.Table;
        yield return NormOperators.Table;
        yield return SoftmaxOperators.Table;
        yield return RopeOperators.Table;
        yield return PositionOperators.Table;
        yield return AttentionOperators.Table;
        yield return ContrastiveOperators.Table;
        yield return DistillationOperators.Table;
        yield return DetectionOperators.Table;
        yield return GenerativeOperators.Table;
        yield return PolicyOperators.Table;
        yield return PreferenceOperators.Table;
    }
}
