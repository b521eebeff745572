using System.Runtime.InteropServices;

namespace Percept.Text;

/// <summary>
/// Learns a byte-level vocabulary from texts: the pair of neighbouring tokens that is seen most becomes a token, again and again.
/// </summary>
/// <remarks>
/// <para>Sennrich, Haddow, Birch: "Neural Machine Translation of Rare Words with Subword Units" (2016), over bytes. Texts are cut into
/// words by a pattern first; pairs count within words, once for every time that the word is seen. Of pairs with equal counts the one
/// whose left token has the lower id goes first, then the one whose right token has; letters of bytes have ids in the order of the
/// letters. These are the rules of the trainer of Hugging Face <c>tokenizers</c>. It differs in one rare case: a token that
/// two different pairs spell may there merge a part of its neighbours only, and list a merge twice; here a merge takes all.</para>
/// <para>What is learned depends on the counts of words alone, not on their order. Not thread-safe.</para>
/// </remarks>
public sealed class BpeTrainer
{
    private const int Bytes = 256;

    private readonly BpeTrainerOptions _options;
    private readonly ScannerPattern _pattern;
    private readonly Dictionary<string, long> _words = new(StringComparer.Ordinal);

    /// <summary>Starts without any text.</summary>
    /// <param name="options">How the vocabulary is made.</param>
    /// <exception cref="ArgumentException">The size leaves no room for bytes and control tokens, a control token is empty or named
    /// twice, or the least count is below 1.</exception>
    public BpeTrainer(BpeTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeastCount, 1, nameof(options));
        if (options.VocabularySize < Bytes + options.ControlTokens.Count)
        {
            throw new ArgumentException(
                $"A vocabulary of {options.VocabularySize} has no room for {Bytes} bytes and {options.ControlTokens.Count} control "
                + "tokens; make it larger.", nameof(options));
        }

        if (options.ControlTokens.Any(string.IsNullOrEmpty)
            || options.ControlTokens.Distinct(StringComparer.Ordinal).Count() != options.ControlTokens.Count)
        {
            throw new ArgumentException("A control token is empty or named twice; name each once.", nameof(options));
        }

        _options = options;
        _pattern = (ScannerPattern)TextPattern.Regex(options.SplitDigits ? KnownPatterns.Words(1) : KnownPatterns.Gpt2);
    }

    /// <summary>How many different words have been counted.</summary>
    public int WordCount => _words.Count;

    /// <summary>Counts the words of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="times">How often it counts, at least 1.</param>
    public void Add(ReadOnlySpan<char> text, long times = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        while (NextControl(text) is (int at, int length))
        {
            AddPlain(text[..at], times);
            text = text[(at + length)..];
        }

        AddPlain(text, times);
    }

    /// <summary>Makes the vocabulary.</summary>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="OperationCanceledException">The call was ended.</exception>
    public TrainedVocabulary Train(CancellationToken cancellation = default)
    {
        var tokens = new List<string>(_options.ControlTokens);
        int[] letters = new int[Bytes];
        foreach (byte value in Enumerable.Range(0, Bytes).Select(i => (byte)i).OrderBy(b => ByteAlphabet.Letter(b)))
        {
            letters[value] = tokens.Count;
            tokens.Add(ByteAlphabet.Letter(value).ToString());
        }

        var table = new BpePairTable(_words, letters);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < tokens.Count; i++)
        {
            ids[tokens[i]] = i;
        }

        var merges = new List<(string, string)>();
        while (tokens.Count < _options.VocabularySize)
        {
            cancellation.ThrowIfCancellationRequested();
            if (table.Best(_options.LeastCount) is not (int left, int right))
            {
                break;
            }

            string token = tokens[left] + tokens[right];
            ref int id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, token, out bool known);
            if (!known)
            {
                id = tokens.Count;
                tokens.Add(token);
            }

            merges.Add((tokens[left], tokens[right]));
            table.Merge(left, right, id);
        }

        return new TrainedVocabulary(tokens, merges, _options);
    }

    private void AddPlain(ReadOnlySpan<char> text, long times)
    {
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> words = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int at = 0; at < text.Length;)
        {
            int end = _pattern.Next(text, at);
            CollectionsMarshal.GetValueRefOrAddDefault(words, text[at..end], out _) += times;
            at = end;
        }
    }

    private (int At, int Length)? NextControl(ReadOnlySpan<char> text)
    {
        (int At, int Length)? first = null;
        foreach (string token in _options.ControlTokens)
        {
            int at = text.IndexOf(token, StringComparison.Ordinal);
            // Of two at one place the longer counts.
            if (at >= 0 && (first is not (int best, int length) || at < best || (at == best && token.Length > length)))
            {
                first = (at, token.Length);
            }
        }

        return first;
    }
}
