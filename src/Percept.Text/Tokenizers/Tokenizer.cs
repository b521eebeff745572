using System.Collections.Concurrent;

namespace Percept.Text;

/// <summary>
/// Turns text into token ids and back: normalizer, pre-tokenizer, model, post-processor and decoder, with the added tokens
/// around them. Immutable; any number of threads may use it.
/// </summary>
/// <remarks>The semantics are those of Hugging Face <c>tokenizers</c> 0.23.</remarks>
public sealed partial class Tokenizer
{
    private const int SmallTable = 1024;
    private const int MaxSparseness = 4;

    private readonly ConcurrentBag<EncodeState> _states = [];
    private readonly AddedVocabulary _added;
    private readonly ByteDecoder? _bytes;
    private readonly TokenwiseDecoder? _tokenwise;

    /// <summary>Makes a tokenizer of its parts.</summary>
    /// <param name="parts">The parts.</param>
    public Tokenizer(TokenizerParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        Parts = parts;
        _added = new AddedVocabulary(parts);
        VocabularySize = Math.Max(parts.Model.Vocabulary.MaxId, _added.MaxId) + 1;
        _fast = FastEncoder.TryMake(parts);
        _bytes = ByteDecoder.TryMake(this);
        _tokenwise = _bytes is null ? TokenwiseDecoder.TryMake(this) : null;
        _frame = new Lazy<AddedIds>(() => AddedIds.Of(parts.PostProcessor));
        _control = new Lazy<AddedTokenFinder>(ControlTokens);
    }

    /// <summary>Reads a <c>tokenizer.json</c>.</summary>
    /// <param name="json">The bytes of the file.</param>
    /// <param name="vocabulary">What the file leaves out; null when it is complete.</param>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    /// <exception cref="NotSupportedException">The file uses something that is not supported.</exception>
    public static Tokenizer FromJson(ReadOnlyMemory<byte> json, VocabularyData? vocabulary = null) =>
        new(TokenizerJson.Read(json, vocabulary));

    /// <summary>Reads a <c>tokenizer.json</c> from the disk.</summary>
    /// <param name="path">The file.</param>
    /// <inheritdoc cref="FromJson"/>
    public static Tokenizer Load(string path) => FromJson(File.ReadAllBytes(path));

    /// <summary>The parts.</summary>
    public TokenizerParts Parts { get; }

    /// <summary>The number of ids: the greatest id of a token plus one.</summary>
    public int VocabularySize { get; }

    /// <summary>Whether tables by id are in proportion to the number of tokens.</summary>
    internal bool IsDense =>
        (VocabularySize - SmallTable) / MaxSparseness <= Parts.Model.Vocabulary.Count + Parts.AddedTokens.Count;

    /// <summary>The id of a token; null when there is none.</summary>
    public int? TokenToId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return _added.TryGetId(token, out int id) || Parts.Model.Vocabulary.TryGetId(token, out id) ? id : null;
    }

    /// <summary>The token of an id; null for an id without a token.</summary>
    public string? IdToToken(int id) =>
        _added.TryGetContent(id, out string? token) || Parts.Model.Vocabulary.TryGetToken(id, out token) ? token : null;

    /// <summary>
    /// Whether tokens can be taken apart into such of single characters that say the same: those of Unigram, and of BPE that does not mark where words go on or end.
    /// </summary>
    public bool HasCharacters =>
        Parts.Model is UnigramModel or BpeModel { Options: { ContinuingSubwordPrefix: "", EndOfWordSuffix: "" } };

    /// <summary>The tokens of the single characters (of byte-level vocabularies: bytes) that a token is made of, as BPE without a merge would give them.</summary>
    /// <param name="id">The token's id.</param>
    /// <returns>Their ids; the id itself of an added token, of the unknown one, of a byte's, and of one with a character that has no token of its own.</returns>
    /// <exception cref="NotSupportedException"><see cref="HasCharacters"/> is false.</exception>
    public IReadOnlyList<int> CharactersOf(int id)
    {
        if (!HasCharacters)
        {
            throw new NotSupportedException(
                $"Tokens of a {Parts.Model.GetType().Name} cannot be taken apart into characters: expected BPE without prefix and suffix, or Unigram.");
        }

        if (_added.TryGetContent(id, out _) || !Parts.Model.Vocabulary.TryGetToken(id, out string? token) || token.Length < 2
            || IsUnknown(id, token) || ByteFallbackDecoder.TryByte(token, out _))
        {
            return [id];
        }

        int[] characters = [.. token.EnumerateRunes().Select(rune => Parts.Model.Vocabulary.IdOf(rune.ToString()))];
        return characters.Contains(-1) ? [id] : characters;
    }

    private bool IsUnknown(int id, string token) =>
        Parts.Model is UnigramModel unigram ? unigram.UnknownId == id : Parts.Model is BpeModel bpe && bpe.Options.UnknownToken == token;

    /// <summary>Whether a token of this id is a control token, which decoding leaves out on request.</summary>
    public bool IsSpecial(int id) => _added.IsSpecial(id);

    /// <summary>The id of a control token; null when there is no such token, or it is a text's.</summary>
    /// <param name="token">The token.</param>
    public int? SpecialToId(string token) => TokenToId(token) is { } id && IsSpecial(id) ? id : null;

    /// <summary>The text of an id as the decoder sees it: added tokens may be normalized.</summary>
    internal string? TextOf(int id) =>
        _added.TryGetText(id, out string? text) || Parts.Model.Vocabulary.TryGetToken(id, out text) ? text : null;

    private EncodeState Rent() => _states.TryTake(out EncodeState? state) ? state : new EncodeState();

    private void Return(EncodeState state)
    {
        state.Trim();
        // More states than cores can work at once would only hold memory.
        if (_states.Count < Environment.ProcessorCount)
        {
            _states.Add(state);
        }
    }
}
