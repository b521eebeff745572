namespace Percept.Checkpoints;

/// <summary>Finds the name that somebody may have meant.</summary>
public static class NearestName
{
    // Beyond these, comparing costs more than the hint is worth.
    private const int MaxNames = 20_000;
    private const int MaxLength = 256;

    /// <summary>The name with the fewest edits; null when there is none.</summary>
    /// <param name="name">What was asked for.</param>
    /// <param name="names">What there is.</param>
    public static string? Find(string name, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(names);
        string? best = null;
        int least = int.MaxValue;
        foreach (string other in names.Where(other => other.Length <= MaxLength).Take(MaxNames))
        {
            if (Math.Abs(other.Length - name.Length) >= least)
            {
                continue;
            }

            int edits = Edits(name.AsSpan(0, Math.Min(name.Length, MaxLength)), other);
            if (edits < least || (edits == least && string.CompareOrdinal(other, best) < 0))
            {
                (best, least) = (other, edits);
            }
        }

        return best;
    }

    private static int Edits(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        Span<int> row = stackalloc int[MaxLength + 1];
        for (int j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int changed = corner + (left[i - 1] == right[j - 1] ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
