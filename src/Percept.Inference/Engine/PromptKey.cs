using Percept.Models;

namespace Percept.Inference;

/// <summary>What a cache holds, position by position: token ids, and for media the hash of their whole content.</summary>
internal sealed class PromptKey
{
    private readonly List<int> _ids = [];
    private readonly List<MediaSpan> _spans = [];

    internal PromptKey(PreparedPrompt prompt)
    {
        _ids.AddRange(prompt.Ids);
        _spans.AddRange(prompt.Spans);
    }

    internal int Length => _ids.Count;

    /// <summary>Adds generated tokens.</summary>
    internal void Add(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            _ids.Add(token);
        }
    }

    /// <summary>How many first positions hold the same as a prompt's.</summary>
    internal int CommonLength(PreparedPrompt prompt, int most)
    {
        int length = 0, limit = Math.Min(Math.Min(_ids.Count, prompt.Ids.Count), most);
        while (length < limit && _ids[length] == prompt.Ids[length])
        {
            length++;
        }

        foreach (MediaSpan span in prompt.Spans)
        {
            if (span.Start < length && !Holds(span))
            {
                length = span.Start;
            }
        }

        // A medium that stands here and not there.
        foreach (MediaSpan span in _spans)
        {
            if (span.Start < length && !prompt.Spans.Any(other => Same(other, span)))
            {
                length = span.Start;
            }
        }

        return length;
    }

    private static bool Same(MediaSpan a, MediaSpan b) =>
        a.Start == b.Start && a.Count == b.Count && a.Offset == b.Offset && a.Media.Hash.Length > 0 && a.Media.Hash == b.Media.Hash;

    private bool Holds(MediaSpan span)
    {
        foreach (MediaSpan own in _spans)
        {
            if (Same(own, span))
            {
                return true;
            }
        }

        return false;
    }
}
