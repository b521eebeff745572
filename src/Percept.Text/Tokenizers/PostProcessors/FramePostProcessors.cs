namespace Percept.Text;

/// <summary>Puts <c>[CLS]</c> before and <c>[SEP]</c> behind the texts (<c>BertProcessing</c>).</summary>
/// <param name="separator">The token behind a text.</param>
/// <param name="separatorId">Its id.</param>
/// <param name="start">The token before the first text.</param>
/// <param name="startId">Its id.</param>
public sealed class BertPostProcessor(string separator, int separatorId, string start, int startId) : PostProcessor
{
    /// <inheritdoc/>
    public override int AddedTokens(bool pair) => pair ? 3 : 2;

    internal override List<EncodingPart> Process(List<EncodingPart> parts, bool addSpecialTokens)
    {
        if (addSpecialTokens)
        {
            for (int i = 0; i < parts.Count; i++)
            {
                bool first = i == 0;
                parts[i].Frame(first ? start : null, startId, separator, separatorId, first ? 0 : 1);
            }
        }

        return parts;
    }
}

/// <summary>Puts tokens around the texts as RoBERTa does (<c>RobertaProcessing</c>).</summary>
/// <param name="separator">The token behind a text and before the second.</param>
/// <param name="separatorId">Its id.</param>
/// <param name="start">The token before the first text.</param>
/// <param name="startId">Its id.</param>
/// <param name="trimOffsets">Whether white space is left out of the offsets.</param>
/// <param name="addPrefixSpace">Whether the pre-tokenizer has put a space before the text.</param>
public sealed class RobertaPostProcessor(
    string separator, int separatorId, string start, int startId, bool trimOffsets, bool addPrefixSpace) : PostProcessor
{
    /// <inheritdoc/>
    public override int AddedTokens(bool pair) => pair ? 4 : 2;

    internal override List<EncodingPart> Process(List<EncodingPart> parts, bool addSpecialTokens)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (trimOffsets)
            {
                OffsetTrimmer.Trim(parts[i], addPrefixSpace);
            }

            parts[i].SetTypeIds(0);
            if (addSpecialTokens)
            {
                bool first = i == 0;
                parts[i].Frame(first ? start : separator, first ? startId : separatorId, separator, separatorId, 0);
            }
        }

        return parts;
    }
}

/// <summary>Leaves white space out of the offsets (<c>ByteLevel</c>).</summary>
/// <param name="trimOffsets">Whether to do so.</param>
/// <param name="addPrefixSpace">Whether the pre-tokenizer has put a space before the text.</param>
public sealed class ByteLevelPostProcessor(bool trimOffsets, bool addPrefixSpace) : PostProcessor
{
    /// <inheritdoc/>
    public override int AddedTokens(bool pair) => 0;

    internal override List<EncodingPart> Process(List<EncodingPart> parts, bool addSpecialTokens)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (trimOffsets)
            {
                OffsetTrimmer.Trim(parts[i], addPrefixSpace);
            }

            parts[i].SetSequence(i);
        }

        return parts;
    }
}

/// <summary>Several post-processors, one after the other (<c>Sequence</c>).</summary>
/// <param name="steps">The post-processors.</param>
public sealed class PostProcessorSequence(IReadOnlyList<PostProcessor> steps) : PostProcessor
{
    private readonly PostProcessor[] _steps = [.. steps];

    /// <inheritdoc/>
    public override int AddedTokens(bool pair) => _steps.Sum(step => step.AddedTokens(pair));

    internal override List<EncodingPart> Process(List<EncodingPart> parts, bool addSpecialTokens)
    {
        foreach (PostProcessor step in _steps)
        {
            parts = step.Process(parts, addSpecialTokens);
        }

        return parts;
    }
}

/// <summary>Trims the offsets of byte-level tokens.</summary>
internal static class OffsetTrimmer
{
    internal static void Trim(EncodingPart part, bool addPrefixSpace)
    {
        TrimOne(part, addPrefixSpace);
        foreach (EncodingPart further in part.Overflowing)
        {
            TrimOne(further, addPrefixSpace);
        }
    }

    private static void TrimOne(EncodingPart part, bool addPrefixSpace)
    {
        for (int i = 0; i < part.Count; i++)
        {
            string token = part.Tokens[i];
            int leading = 0;
            while (leading < token.Length && IsSpace(token[leading]))
            {
                leading++;
            }

            int trailing = 0;
            while (trailing < token.Length && IsSpace(token[token.Length - 1 - trailing]))
            {
                trailing++;
            }

            (int start, int end) = part.Offsets[i];
            if (leading > 0)
            {
                // A single space before the text is the pre-tokenizer's; several are the text's own.
                bool added = addPrefixSpace && leading == 1 && (i == 0 || start == 0);
                start = added ? start : Math.Min(start + leading, end);
            }

            if (trailing > 0 && end >= trailing)
            {
                end = Math.Max(end - trailing, start);
            }

            part.Offsets[i] = new TokenOffset(start, end);
        }
    }

    private static bool IsSpace(char unit) => unit == ByteAlphabet.Letter((byte)' ') || char.IsWhiteSpace(unit);
}
