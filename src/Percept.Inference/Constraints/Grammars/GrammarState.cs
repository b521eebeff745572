namespace Percept.Inference;

/// <summary>A state of a grammar: what may come next.</summary>
internal sealed class GrammarState
{
    private Action<GrammarState>? _expand;

    internal GrammarState(Action<GrammarState>? expand) => _expand = expand;

    /// <summary>The steps that take a byte.</summary>
    internal List<(ByteSet Bytes, int Target)> Edges { get; } = [];

    /// <summary>The steps that take nothing.</summary>
    internal List<int> Free { get; } = [];

    /// <summary>
    /// The steps through another rule; <c>Return</c> is where it goes on, −1 for the end of this rule.
    /// </summary>
    internal List<(int Rule, int Return)> Calls { get; } = [];

    /// <summary>Whether the rule may end here.</summary>
    internal bool Ends { get; set; }

    /// <summary>Fills the state in when it is first reached.</summary>
    internal void Expand()
    {
        if (_expand is { } expand)
        {
            _expand = null;
            try
            {
                expand(this);
            }
            catch
            {
                // Half filled it would forbid what is allowed.
                _expand = expand;
                throw;
            }
        }
    }
}
