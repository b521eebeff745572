using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;

namespace Percept.Text;

/// <summary>Turns text into ids and back as OpenAI's CLIP and open_clip do.</summary>
/// <remarks>
/// <para>
/// Text is repaired (<c>ftfy.fix_text</c>), character references of HTML are replaced twice, white space becomes single
/// spaces, and all is turned to lower case; then words are cut by byte-pair encoding with marked ends. The tokenizer
/// that transformers has for CLIP differs in the first steps: <see cref="TokenizerLoader"/> makes that one.
/// </para>
/// <para>Source: <c>simple_tokenizer.py</c> of openai/CLIP. Any number of threads may use an instance.</para>
/// </remarks>
public sealed class ClipTokenizer
{
    private const string Start = "<|startoftext|>";
    private const string End = "<|endoftext|>";
    private const string WordEnd = "</w>";

    // The published list is longer than the vocabulary that was made of it.
    private const int MergesUsed = 48894;

    private static readonly string[] s_openClip = ["<start_of_text>", "<end_of_text>"];
    private static readonly string[] s_openAI = [Start, End];

    private readonly string[] _specials;
    private readonly BpeModel _model;
    private readonly ConcurrentBag<EncodeState> _states = [];

    /// <summary>Prepares a tokenizer.</summary>
    /// <param name="vocabulary">Tokens and merges; <see cref="ReadVocabulary"/> reads them.</param>
    /// <param name="openAI">Whether a text that holds <c>&lt;|startoftext|&gt;</c> or <c>&lt;|endoftext|&gt;</c> holds
    /// the special tokens, as in OpenAI's code; else <c>&lt;start_of_text&gt;</c> and <c>&lt;end_of_text&gt;</c> are
    /// these, as in open_clip.</param>
    /// <exception cref="InvalidDataException">A merge or a special token is not among the tokens.</exception>
    public ClipTokenizer(VocabularyData vocabulary, bool openAI = false)
    {
        _specials = openAI ? s_openAI : s_openClip;
        ArgumentNullException.ThrowIfNull(vocabulary);
        var tokens = Vocabulary.FromList(vocabulary.Tokens);
        _model = new BpeModel(tokens, vocabulary.Merges ?? [], new BpeOptions { EndOfWordSuffix = WordEnd });
        StartId = Need(tokens, Start);
        EndId = Need(tokens, End);
    }

    /// <summary>The id that stands before a text.</summary>
    public int StartId { get; }

    /// <summary>The id that stands behind a text.</summary>
    public int EndId { get; }

    /// <summary>Reads the list of merges that CLIP is published with, unpacked
    /// (<c>bpe_simple_vocab_16e6.txt</c>).</summary>
    /// <param name="data">The whole file: a line of description, then two parts a line.</param>
    /// <exception cref="InvalidDataException">A line has not two parts, or the file is no UTF-8.</exception>
    public static VocabularyData ReadVocabulary(ReadOnlySpan<byte> data)
    {
        int line = data.IndexOf((byte)'\n');
        IReadOnlyList<(string Left, string Right)> all = VocabularyFiles.ReadMerges(line < 0 ? default : data[(line + 1)..]);
        List<(string Left, string Right)> merges = [.. all.Take(MergesUsed)];
        List<string?> tokens = [.. VocabularyFiles.Letters()];
        tokens.AddRange(VocabularyFiles.Letters().Select(letter => letter + WordEnd));
        tokens.AddRange(merges.Select(merge => merge.Left + merge.Right));
        tokens.Add(Start);
        tokens.Add(End);
        return new VocabularyData { Tokens = tokens, Merges = merges };
    }

    /// <summary>Cuts a text; nothing is put around it.</summary>
    /// <param name="text">The text.</param>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<char> clean = Clean(text);
        EncodeState state = _states.TryTake(out EncodeState? free) ? free : new EncodeState();
        state.Sink.Reset(detailed: false);
        char[] letters = ArrayPool<char>.Shared.Rent(64);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(64);
        for (int at = 0; at < clean.Length;)
        {
            int length = ClipWords.Next(clean, _specials, ref at);
            if (length > 0)
            {
                Add(clean.Slice(at, length), state, ref letters, ref bytes);
                at += length;
            }
        }

        ArrayPool<char>.Shared.Return(letters);
        ArrayPool<byte>.Shared.Return(bytes);
        int[] ids = [.. state.Sink.Ids];
        state.Trim();
        _states.Add(state);
        return ids;
    }

    /// <summary>Turns ids into text: a space stands behind each word.</summary>
    /// <param name="ids">The ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>(ids.Length * 4);
        foreach (int id in ids)
        {
            ByteAlphabet.AddBytes(
                id == StartId ? _specials[0]
                    : id == EndId ? _specials[1]
                    : _model.Vocabulary.TryGetToken(id, out string? token) ? token
                    : throw new ArgumentOutOfRangeException(
                        nameof(ids), id, $"There is no id {id}; the greatest one is {_model.Vocabulary.MaxId}."),
                bytes);
        }

        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes)).Replace(WordEnd, " ", StringComparison.Ordinal);
    }

    /// <summary>What a text becomes before it is cut.</summary>
    internal static string Clean(string text)
    {
        string repaired = TextFixer.Fix(TextRepair.Repair(text).ToString());
        string plain = HtmlText.Unescape(HtmlText.Unescape(repaired));
        return PythonText.Lower(PythonText.Strip(PythonText.CollapseSpaces(PythonText.Strip(plain))));
    }

    private static int Need(Vocabulary tokens, string token) => tokens.TryGetId(token, out int id)
        ? id
        : throw new InvalidDataException($"The vocabulary has no '{token}', so it is none of CLIP's.");

    private void Add(ReadOnlySpan<char> word, EncodeState state, ref char[] letters, ref byte[] bytes)
    {
        int special = word.SequenceEqual(_specials[0]) ? StartId : word.SequenceEqual(_specials[1]) ? EndId : -1;
        if (special >= 0)
        {
            state.Sink.Add(special, 0, 0);
            return;
        }

        int most = Encoding.UTF8.GetMaxByteCount(word.Length);
        if (bytes.Length < most || letters.Length < most)
        {
            ArrayPool<char>.Shared.Return(letters);
            ArrayPool<byte>.Shared.Return(bytes);
            letters = ArrayPool<char>.Shared.Rent(most);
            bytes = ArrayPool<byte>.Shared.Rent(most);
        }

        int count = Encoding.UTF8.GetBytes(word, bytes);
        for (int i = 0; i < count; i++)
        {
            letters[i] = ByteAlphabet.Letter(bytes[i]);
        }

        _model.Tokenize(letters.AsSpan(0, count), state.Sink, state);
    }
}
