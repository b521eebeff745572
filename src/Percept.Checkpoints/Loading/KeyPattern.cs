using System.Text;

namespace Percept.Checkpoints;

/// <summary>A name with placeholders: <c>{n}</c> for a number, <c>{*}</c> for anything, also nothing.</summary>
internal sealed class KeyPattern
{
    private readonly string[] _texts;
    private readonly bool[] _numbers;
    private readonly string _pattern;

    internal KeyPattern(string pattern)
    {
        _pattern = pattern;
        var texts = new List<string>();
        var numbers = new List<bool>();
        int start = 0;
        for (int at = pattern.IndexOf('{', StringComparison.Ordinal); at >= 0; at = pattern.IndexOf('{', start))
        {
            bool number = string.CompareOrdinal(pattern, at, "{n}", 0, 3) == 0;
            if (!number && string.CompareOrdinal(pattern, at, "{*}", 0, 3) != 0)
            {
                throw new ArgumentException($"The pattern '{pattern}' has a placeholder that is neither {{n}} nor {{*}}.", nameof(pattern));
            }

            texts.Add(pattern[start..at]);
            numbers.Add(number);
            start = at + 3;
        }

        texts.Add(pattern[start..]);
        _texts = [.. texts];
        _numbers = [.. numbers];
    }

    /// <summary>The kinds of the placeholders in order: true for a number.</summary>
    internal ReadOnlySpan<bool> Holes => _numbers;

    public override string ToString() => _pattern;

    internal bool Fits(string name) => Match(name) is not null;

    /// <summary>What stands at the placeholders; null when the name does not fit.</summary>
    internal string[]? Match(string name)
    {
        if (!name.StartsWith(_texts[0], StringComparison.Ordinal))
        {
            return null;
        }

        var parts = new string[_numbers.Length];
        return From(name, _texts[0].Length, 0, parts) ? parts : null;
    }

    internal string Fill(string[] parts)
    {
        var text = new StringBuilder(_texts[0]);
        for (int i = 0; i < parts.Length; i++)
        {
            text.Append(parts[i]).Append(_texts[i + 1]);
        }

        return text.ToString();
    }

    /// <summary>Tries every place where the text after a placeholder stands, the first one first.</summary>
    private bool From(string name, int start, int hole, string[] parts)
    {
        if (hole == parts.Length)
        {
            return start == name.Length;
        }

        string after = _texts[hole + 1];
        bool last = hole == parts.Length - 1;
        if (last && after.Length == 0)
        {
            return Take(name, start, name.Length, hole, parts);
        }

        for (int at = name.IndexOf(after, start, StringComparison.Ordinal); at >= 0;
            at = at < name.Length ? name.IndexOf(after, at + 1, StringComparison.Ordinal) : -1)
        {
            if (Take(name, start, at, hole, parts) && From(name, at + after.Length, hole + 1, parts))
            {
                return true;
            }
        }

        return false;
    }

    private bool Take(string name, int start, int end, int hole, string[] parts)
    {
        ReadOnlySpan<char> part = name.AsSpan(start, end - start);
        if (_numbers[hole] && (part.Length == 0 || part.ContainsAnyExceptInRange('0', '9')))
        {
            return false;
        }

        parts[hole] = part.ToString();
        return true;
    }
}
