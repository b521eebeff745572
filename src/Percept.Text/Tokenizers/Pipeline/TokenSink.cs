using System.Runtime.InteropServices;

namespace Percept.Text;

/// <summary>Where a model puts the tokens of one text.</summary>
internal sealed class TokenSink
{
    /// <summary>The ids so far.</summary>
    internal List<int> Ids { get; } = [];

    /// <summary>For each token its first and last-plus-one unit in the normalized text; empty without offsets.</summary>
    internal List<(int Start, int End)> Ranges { get; } = [];

    /// <summary>Indices of tokens whose text is what stands in the normalized text, not the vocabulary's token.</summary>
    internal List<int> Surfaces { get; } = [];

    /// <summary>Whether ranges and surfaces are wanted.</summary>
    internal bool Detailed { get; private set; }

    /// <summary>Where the piece that is being cut begins in the normalized text.</summary>
    internal int Origin { get; set; }

    internal void Reset(bool detailed)
    {
        Detailed = detailed;
        Ids.Clear();
        Ranges.Clear();
        Surfaces.Clear();
        Origin = 0;
    }

    /// <summary>Adds a token that covers units of the piece.</summary>
    internal void Add(int id, int start, int end)
    {
        Ids.Add(id);
        if (Detailed)
        {
            Ranges.Add((Origin + start, Origin + end));
        }
    }

    /// <summary>Adds a token that shows the text it covers.</summary>
    internal void AddSurface(int id, int start, int end)
    {
        if (Detailed)
        {
            Surfaces.Add(Ids.Count);
        }

        Add(id, start, end);
    }

    /// <summary>Takes the tokens from an index on back.</summary>
    internal void Cut(int count)
    {
        Ids.RemoveRange(count, Ids.Count - count);
        if (Detailed)
        {
            Ranges.RemoveRange(count, Ranges.Count - count);
        }
    }

    /// <summary>Adds tokens without ranges.</summary>
    internal void Add(ReadOnlySpan<int> ids)
    {
        if (ids.Length == 1)
        {
            Ids.Add(ids[0]);
            return;
        }

        int at = Ids.Count;
        CollectionsMarshal.SetCount(Ids, at + ids.Length);
        ids.CopyTo(CollectionsMarshal.AsSpan(Ids)[at..]);
    }
}
