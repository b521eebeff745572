using Percept.Text;

namespace Percept.Checkpoints;

/// <summary>Puts a tokenizer into a GGUF file's metadata; <see cref="GgufVocabularyReader"/> takes it out again.</summary>
public static class GgufVocabularyWriter
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>The keys under <c>tokenizer</c>.</summary>
    /// <param name="vocabulary">The tokenizer.</param>
    public static IReadOnlyList<KeyValuePair<string, GgufValue>> Write(GgufVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var values = new List<KeyValuePair<string, GgufValue>>();
        void Add(string name, GgufValue? value)
        {
            if (value is not null)
            {
                values.Add(new(Prefix + name, value));
            }
        }

        static GgufValue? Flag(bool? flag) => flag is { } value ? GgufValue.Of(value) : null;
        static GgufValue? Id(int? id) => id is { } value ? GgufValue.Of((uint)value) : null;
        Add("model", GgufValue.Of(vocabulary.Model));
        Add("pre", vocabulary.PreTokenizer is { } pre ? GgufValue.Of(pre) : null);
        Add("tokens", GgufValue.OfTexts(vocabulary.Tokens));
        Add("scores", vocabulary.Scores is { } scores ? GgufValue.OfArray<float>([.. scores]) : null);
        Add("token_type", vocabulary.Types is { } types ? GgufValue.OfArray<int>([.. types.Select(type => (int)type)]) : null);
        Add("merges", vocabulary.Merges is { } merges ? GgufValue.OfTexts([.. merges]) : null);
        Add("precompiled_charsmap", vocabulary.Charsmap.IsEmpty ? null : GgufValue.OfArray<sbyte>(
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, sbyte>(vocabulary.Charsmap.Span)));
        Add("add_bos_token", Flag(vocabulary.AddBos));
        Add("add_eos_token", Flag(vocabulary.AddEos));
        Add("add_space_prefix", Flag(vocabulary.AddSpacePrefix));
        Add("remove_extra_whitespaces", Flag(vocabulary.RemoveExtraWhitespaces));
        Add("bos_token_id", Id(vocabulary.BosId));
        Add("eos_token_id", Id(vocabulary.EosId));
        Add("unknown_token_id", Id(vocabulary.UnknownId));
        Add("seperator_token_id", Id(vocabulary.SeparatorId));
        Add("padding_token_id", Id(vocabulary.PaddingId));
        Add("cls_token_id", Id(vocabulary.ClassificationId));
        Add("mask_token_id", Id(vocabulary.MaskId));
        if (vocabulary.ChatTemplate is { } template)
        {
            values.Add(new("tokenizer.chat_template", GgufValue.Of(template)));
        }

        return values;
    }
}
