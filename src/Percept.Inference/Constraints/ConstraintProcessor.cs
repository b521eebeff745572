namespace Percept.Inference;

/// <summary>Forbids what a constraint does not allow; knows where each row is.</summary>
internal sealed class ConstraintProcessor(TokenConstraint constraint, IReadOnlyList<int> eosTokenIds) : ILogitsProcessor
{
    private readonly List<ConstraintCursor> _cursors = [];

    public string Name => "TokenConstraint";

    /// <summary>The place of a row.</summary>
    internal ConstraintCursor Cursor(int row)
    {
        while (_cursors.Count <= row)
        {
            _cursors.Add(constraint.Begin());
        }

        return _cursors[row];
    }

    public void Process(in LogitsContext context, Span<float> logits) => Cursor(context.Row).Apply(logits, eosTokenIds);
}
