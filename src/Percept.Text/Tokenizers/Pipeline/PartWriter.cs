using System.Runtime.InteropServices;

namespace Percept.Text;

/// <summary>Turns the tokens of a section into those of an encoding, with their texts and places.</summary>
internal sealed class PartWriter(Tokenizer tokenizer, EncodingPart part, int sequence)
{
    /// <summary>Adds the tokens of a section whose pieces have been cut, and empties the sink.</summary>
    internal void Take(NormalizedText text, TokenSink sink)
    {
        ReadOnlySpan<int> surfaces = CollectionsMarshal.AsSpan(sink.Surfaces);
        for (int i = 0; i < sink.Ids.Count; i++)
        {
            (int start, int end) = sink.Ranges[i];
            string? token = null;
            if (!surfaces.IsEmpty && surfaces[0] == i)
            {
                token = text.Chars[start..end].ToString();
                surfaces = surfaces[1..];
            }

            token ??= tokenizer.TextOf(sink.Ids[i]) ?? "";
            TokenOffset offset = end > start ? new TokenOffset(text.StartOf(start), text.EndOf(end - 1)) : default;
            part.Add(sink.Ids[i], token, offset, sequence, false);
        }

        sink.Reset(detailed: true);
    }
}
