using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Models;

/// <summary>Turns texts into what the text tower beside a vision tower takes: ids, filled up where the tower was trained so.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class TowerTexts
{
    private readonly LoadedTokenizer _tokenizer;
    private readonly string _folder;
    private readonly int _most;
    private readonly bool _fills;
    private readonly int? _padding;

    private TowerTexts(string folder, LoadedTokenizer tokenizer, int most, bool fills)
    {
        _folder = folder;
        _tokenizer = tokenizer;
        _most = most;
        _fills = fills;
        _padding = tokenizer.TokenId("pad_token");
    }

    /// <summary>The most tokens of a text, those at its ends included.</summary>
    public int MaximumTokens => _most;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A model with a text tower.</param>
    /// <param name="folder">The folder with its tokenizer and <c>config.json</c>.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static TowerTexts Load(LoadedModel model, string folder)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        bool siglip = model.ModelType.StartsWith("siglip", StringComparison.Ordinal);
        string file = Path.Combine(folder, "config.json");
        ConfigReader? config = File.Exists(file) ? ConfigReader.Read(file) : null;
        int most = (config?.FindSection("text_config") ?? config)?.Int("max_position_embeddings", siglip ? 64 : 77) ?? 77;
        return new TowerTexts(folder, TokenizerLoader.FromFolder(folder), most, siglip);
    }

    /// <summary>The ids of a text, filled up where all texts of the model are (SigLIP).</summary>
    /// <param name="text">The text; control tokens in it are plain text.</param>
    /// <exception cref="ArgumentException">It has no tokens, or more than the model takes.</exception>
    public int[] Encode(string text)
    {
        int[] ids = _tokenizer.Tokenizer.EncodeIds(text, addSpecialTokens: true, allowSpecial: false);
        if (ids.Length == 0)
        {
            throw new ArgumentException("The text has no tokens. Give it at least one word.", nameof(text));
        }

        if (ids.Length > _most)
        {
            throw new ArgumentException(
                $"The text has {ids.Length} tokens, the model takes {_most}. Shorten it, or cut it into several.", nameof(text));
        }

        return _fills ? Filled(ids, _most) : ids;
    }

    /// <summary>The ids of a text that a decoder learns to write: behind its first token, and up to the tokenizer's end of a text.</summary>
    /// <param name="begin">The decoder's first token, in the place of the tokenizer's own.</param>
    /// <param name="text">The text; control tokens in it are plain text.</param>
    /// <exception cref="ArgumentException">It has no tokens, or more than the model takes.</exception>
    /// <exception cref="InvalidDataException">The tokenizer has no token that ends a text.</exception>
    public int[] EncodeWritten(int begin, string text)
    {
        int end = _tokenizer.TokenId("sep_token") ?? _tokenizer.TokenId("eos_token") ?? throw new InvalidDataException(
            $"The tokenizer in '{_folder}' names neither 'sep_token' nor 'eos_token', by which a text ends. " +
            "Take the tokenizer's files of the same checkpoint.");
        int[] words = _tokenizer.Tokenizer.EncodeIds(text, addSpecialTokens: false, allowSpecial: false);
        return words.Length == 0
            ? throw new ArgumentException("The text has no tokens. Give it at least one word.", nameof(text))
            : words.Length + 2 > _most
            ? throw new ArgumentException(
                $"The text has {words.Length} tokens and two at its ends, the model takes {_most}. Shorten it, or cut it into several.", nameof(text))
            : [begin, .. words, end];
    }

    /// <summary>Texts of different lengths as one batch, filled up at their ends.</summary>
    /// <param name="texts">The ids of each, as <see cref="Encode"/> gives them.</param>
    /// <returns>
    /// The ids I32 [n, T], and the mask Bool [n, T], false where a text is filled up; null where none is, or where the model sees what they
    /// are filled up with.
    /// </returns>
    public (Tensor Ids, Tensor? Mask) Batch(IReadOnlyList<int[]> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        int longest = texts.Max(text => text.Length);
        Tensor ids = Ops.Empty([texts.Count, longest], DType.I32), mask = Ops.Empty([texts.Count, longest], DType.Bool);
        Span<int> values = ids.Writable<int>();
        Span<bool> seen = mask.Writable<bool>();
        bool uneven = false;
        for (int i = 0; i < texts.Count; i++)
        {
            bool isShort = texts[i].Length < longest;
            (isShort ? Filled(texts[i], longest) : texts[i]).CopyTo(values[(i * longest)..]);
            seen.Slice(i * longest, longest).Fill(true);
            seen[((i * longest) + texts[i].Length)..((i + 1) * longest)].Clear();
            uneven |= isShort;
        }

        return (ids, uneven ? mask : null);
    }

    private int[] Filled(int[] ids, int length)
    {
        int[] full = new int[length];
        full.AsSpan().Fill(_padding ?? throw new InvalidDataException(
            $"The tokenizer in '{_folder}' names no 'pad_token', which texts of this model are filled up with. " +
            "Take the tokenizer's files of the same checkpoint."));
        ids.CopyTo(full, 0);
        return full;
    }
}
