namespace Percept.Inference;

/// <summary>One output on its way through a constraint. For one thread at a time.</summary>
public sealed class ConstraintCursor
{
    private readonly TokenConstraint _constraint;
    private Configuration _at;

    internal ConstraintCursor(TokenConstraint constraint)
    {
        _constraint = constraint;
        _at = constraint.First;
    }

    /// <summary>Whether the output may end here.</summary>
    public bool CanEnd => _at.Accepts;

    /// <summary>Whether nothing can follow any more: the output is whole.</summary>
    public bool IsComplete => _at.Accepts && _at.Items.Length == 0;

    /// <summary>Forbids the tokens that may not come next.</summary>
    /// <param name="logits">The logits [V]; changed in place.</param>
    /// <param name="ends">The end tokens: allowed where the output may end, forbidden elsewhere.</param>
    public void Apply(Span<float> logits, IReadOnlyList<int> ends)
    {
        ArgumentNullException.ThrowIfNull(ends);
        ReadOnlySpan<ulong> mask = _constraint.Mask(_at);
        for (int word = 0; word * 64 < logits.Length; word++)
        {
            ulong bits = word < mask.Length ? mask[word] : 0;
            int first = word * 64;
            int count = Math.Min(64, logits.Length - first);
            if (bits == 0)
            {
                Forbid(logits.Slice(first, count), first, ends);
                continue;
            }

            for (int i = 0; i < count && bits != ulong.MaxValue; i++)
            {
                if ((bits >> i & 1) == 0 && !(CanEnd && IsAmong(ends, first + i)))
                {
                    logits[first + i] = LogitMath.Forbidden;
                }
            }
        }

        // An end token ends the output even where its text would fit in.
        for (int i = 0; i < ends.Count && !CanEnd; i++)
        {
            if ((uint)ends[i] < (uint)logits.Length)
            {
                logits[ends[i]] = LogitMath.Forbidden;
            }
        }
    }

    /// <summary>Whether a token that is no end token may come next.</summary>
    /// <param name="token">The token's id.</param>
    public bool Allows(int token)
    {
        ReadOnlySpan<byte> bytes = _constraint.BytesOf(token);
        return !bytes.IsEmpty && _constraint.Next(_at, bytes) != Configuration.s_dead;
    }

    /// <summary>Takes a token.</summary>
    /// <param name="token">The token's id; no end token.</param>
    /// <exception cref="InvalidOperationException">The token may not come here.</exception>
    public void Advance(int token)
    {
        ReadOnlySpan<byte> bytes = _constraint.BytesOf(token);
        Configuration next = bytes.IsEmpty ? Configuration.s_dead : _constraint.Next(_at, bytes);
        if (next == Configuration.s_dead)
        {
            throw new InvalidOperationException(
                $"The token {token} does not follow the constraint; apply the constraint to the logits before choosing.");
        }

        _at = next;
    }

    /// <summary>Goes where another cursor of the same constraint is.</summary>
    /// <param name="other">The other cursor.</param>
    public void CopyFrom(ConstraintCursor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _at = other._at;
    }

    /// <summary>Another cursor at the same place.</summary>
    public ConstraintCursor Clone() => new(_constraint) { _at = _at };

    private void Forbid(Span<float> logits, int first, IReadOnlyList<int> ends)
    {
        if (!CanEnd)
        {
            logits.Fill(LogitMath.Forbidden);
            return;
        }

        for (int i = 0; i < logits.Length; i++)
        {
            if (!IsAmong(ends, first + i))
            {
                logits[i] = LogitMath.Forbidden;
            }
        }
    }

    private static bool IsAmong(IReadOnlyList<int> ends, int token)
    {
        for (int i = 0; i < ends.Count; i++)
        {
            if (ends[i] == token)
            {
                return true;
            }
        }

        return false;
    }
}
