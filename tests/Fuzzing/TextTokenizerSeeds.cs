using System.Text;
using Percept.Text;

namespace Percept.TestSupport;

/// <summary>Small tokenizer files of every kind.</summary>
public static class TextTokenizerSeeds
{
    private const string Awkward = "Hello ab  a\n\u00e9\u4f60\ud83d\ude00<s> x1 22'll <0x41> \ud800 b\u0301.";

    private static readonly string s_letters = string.Join(
        ",", Enumerable.Range(0, 256).Select(value => FormattableString.Invariant(
            $"\"\\u{(int)ByteAlphabet.Letter((byte)value):x4}\":{value}")));

    /// <summary>The files.</summary>
    public static IReadOnlyList<byte[]> Files() =>
    [
        .. new[]
        {
            ByteLevel(), Metaspace(), WordPiece(), Unigram(), WordLevel(), Prefixed(),
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Reads a file and puts a text through everything it has.</summary>
    public static void Parse(byte[] json)
    {
        Tokenizer tokenizer = Tokenizer.FromJson(json);
        TokenEncoding encoding = tokenizer.Encode(Awkward, "ab", new EncodeOptions { AllowSpecial = true });
        int[] ids = tokenizer.EncodeIds(Awkward, addSpecialTokens: false, allowSpecial: true);
        // Ids of templates need not be tokens of the vocabulary.
        tokenizer.Decode([.. encoding.Ids.Where(id => id >= 0 && id < tokenizer.VocabularySize)], skipSpecialTokens: true);
        DecodeStream stream = tokenizer.CreateDecodeStream();
        foreach (int id in ids.Take(8))
        {
            stream.Step(id);
        }
    }

    private static string ByteLevel() =>
        "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[{\"id\":259,\"content\":\"<s>\"," +
        "\"single_word\":false,\"lstrip\":true,\"rstrip\":false,\"normalized\":false,\"special\":true}]," +
        "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Replace\"," +
        "\"pattern\":{\"Regex\":\"x+?(?=1)|[[a-c]&&[^b]]\"},\"content\":\"a\"}]}," +
        "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\",\"individual_digits\":true}," +
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(?i:'s|'ll)| ?\\\\p{L}+|\\\\s+(?!\\\\S)|\\\\s{1,3}\"}," +
        "\"behavior\":\"Isolated\",\"invert\":false}," +
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":false}]}," +
        "\"post_processor\":{\"type\":\"Sequence\",\"processors\":[{\"type\":\"ByteLevel\",\"add_prefix_space\":true," +
        "\"trim_offsets\":true,\"use_regex\":true},{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":" +
        "{\"id\":\"<s>\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[{\"Sequence\":{\"id\":\"A\"," +
        "\"type_id\":0}},{\"Sequence\":{\"id\":\"B\",\"type_id\":1}}],\"special_tokens\":{\"<s>\":{\"id\":\"<s>\"," +
        "\"ids\":[259],\"tokens\":[\"<s>\"]}}}]},\"decoder\":{\"type\":\"ByteLevel\"}," +
        "\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":null," +
        "\"end_of_word_suffix\":null,\"fuse_unk\":false,\"byte_fallback\":false,\"ignore_merges\":false,\"vocab\":{" +
        s_letters + ",\"ab\":256,\"\\u0120a\":257,\"aab\":258},\"merges\":[\"a b\",\"\\u0120 a\",[\"a\",\"ab\"]]}}";

    private static string Metaspace() =>
        "{\"added_tokens\":[{\"id\":1,\"content\":\"<s>\",\"normalized\":true,\"rstrip\":true,\"single_word\":true}]," +
        "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"\\u2581\"}," +
        "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"\\u2581\"}]}," +
        "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\\u2581\",\"prepend_scheme\":\"first\",\"split\":true}," +
        "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\",\"pattern\":{\"String\":\"\\u2581\"}," +
        "\"content\":\" \"},{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"},{\"type\":\"Strip\",\"content\":\" \"," +
        "\"start\":1,\"stop\":0}]},\"model\":{\"type\":\"BPE\",\"unk_token\":\"<unk>\",\"fuse_unk\":true," +
        "\"byte_fallback\":true,\"vocab\":{\"<unk>\":0,\"<s>\":1,\"\\u2581\":2,\"a\":3,\"b\":4,\"ab\":5,\"\\u2581a\":6," +
        "\"<0x41>\":7},\"merges\":[\"a b\",\"\\u2581 a\"]}}";

    private static string WordPiece() =>
        "{\"truncation\":{\"direction\":\"Left\",\"max_length\":6,\"strategy\":\"OnlyFirst\",\"stride\":1}," +
        "\"padding\":{\"strategy\":{\"Fixed\":8},\"direction\":\"Right\",\"pad_to_multiple_of\":4,\"pad_id\":0," +
        "\"pad_type_id\":0,\"pad_token\":\"[PAD]\"}," +
        "\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true," +
        "\"strip_accents\":null,\"lowercase\":true},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"}," +
        "\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",2],\"cls\":[\"[CLS]\",1]}," +
        "\"decoder\":{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}," +
        "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\"," +
        "\"max_input_chars_per_word\":20,\"vocab\":{\"[UNK]\":0,\"[CLS]\":1,\"[SEP]\":2,\"a\":3,\"##b\":4,\"hel\":5," +
        "\"##lo\":6,\".\":7}}}";

    private static string Unigram() =>
        "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Nmt\"},{\"type\":\"NFKC\"}," +
        "{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true},{\"type\":\"StripAccents\"},{\"type\":\"Lowercase\"}]}," +
        "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"WhitespaceSplit\"},{\"type\":\"Metaspace\"," +
        "\"replacement\":\"\\u2581\",\"add_prefix_space\":true},{\"type\":\"Punctuation\",\"behavior\":\"Contiguous\"}," +
        "{\"type\":\"UnicodeScripts\"},{\"type\":\"FixedLength\",\"length\":5}]}," +
        "\"post_processor\":{\"type\":\"RobertaProcessing\",\"sep\":[\"</s>\",1],\"cls\":[\"<s>\",0],\"trim_offsets\":true," +
        "\"add_prefix_space\":false},\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"\\u2581\"," +
        "\"prepend_scheme\":\"always\",\"split\":true},\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"byte_fallback\":true," +
        "\"vocab\":[[\"<unk>\",0.0],[\"\\u2581\",-2.0],[\"a\",-3.5],[\"ab\",-4.25],[\"b\",-3.0],[\"\\u2581a\",-2.5]," +
        "[\"<0x41>\",-9.0]]}}";

    private static string WordLevel() =>
        "{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Whitespace\"}," +
        "{\"type\":\"CharDelimiterSplit\",\"delimiter\":\"e\"},{\"type\":\"Split\",\"pattern\":{\"String\":\"l\"}," +
        "\"behavior\":\"MergedWithNext\",\"invert\":true}]},\"decoder\":{\"type\":\"CTC\",\"pad_token\":\"<pad>\"," +
        "\"word_delimiter_token\":\"|\",\"cleanup\":true},\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"<unk>\"," +
        "\"vocab\":{\"<unk>\":0,\"ab\":1,\"a\":2,\"b\":2000000000}}}";

    private static string Prefixed() =>
        "{\"normalizer\":{\"type\":\"ByteLevel\"},\"decoder\":{\"type\":\"BPEDecoder\",\"suffix\":\"</w>\"}," +
        "\"model\":{\"type\":\"BPE\",\"unk_token\":\"<unk>\",\"continuing_subword_prefix\":\"##\"," +
        "\"end_of_word_suffix\":\"</w>\",\"vocab\":{\"<unk>\":0,\"a\":1,\"##b\":2,\"ab\":3,\"##b</w>\":4,\"ab</w>\":5}," +
        "\"merges\":[[\"a\",\"##b\"],[\"a\",\"##b</w>\"]]}}";
}
