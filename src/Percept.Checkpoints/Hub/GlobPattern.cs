namespace Percept.Checkpoints;

/// <summary>
/// A pattern of paths as the hub's own tools take them: <c>*</c> stands for any text, slashes included, <c>?</c> for a letter;
/// a pattern that ends with a slash stands for all below it.
/// </summary>
internal static class GlobPattern
{
    /// <summary>Whether a path fits; case counts.</summary>
    internal static bool Fits(string path, string pattern)
    {
        string full = pattern.EndsWith('/') ? pattern + "*" : pattern;
        int at = 0, next = 0, star = -1, mark = 0;

        // One star back is enough: what an earlier star could take, the last one can.
        while (at < path.Length)
        {
            if (next < full.Length && full[next] == '*')
            {
                (star, mark) = (next++, at);
            }
            else if (next < full.Length && (full[next] == '?' || full[next] == path[at]))
            {
                next++;
                at++;
            }
            else if (star >= 0)
            {
                (next, at) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        return full.AsSpan(next).TrimStart('*').IsEmpty;
    }
}
