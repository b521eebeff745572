using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Inference;

/// <summary>Makes vectors of texts with whatever kind of text model there is.</summary>
internal sealed class TextVectors
{
    private readonly object _model;
    private readonly LoadedTokenizer _tokenizer;
    private readonly string _folder;
    private readonly TextPooling _pooling;
    private readonly bool _normalizes;
    private readonly TowerTexts? _tower;

    private TextVectors(LoadedModel model, string folder, TextPooling? pooling)
    {
        _folder = folder;
        _model = model.Model is IEncoderDecoder whole ? whole.Encoder : model.Model;
        _tokenizer = TokenizerLoader.FromFolder(folder);
        TextPoolings own = _model is ITextEncoder ? TextPoolings.Read(folder) : new TextPoolings(null, false);
        _pooling = pooling ?? own.Pooling ?? TextPooling.Mean;
        _normalizes = own.Normalizes;
        _tower = _model is ITextTower ? TowerTexts.Load(model, folder) : null;
    }

    /// <summary>What a vector is, in a few words.</summary>
    internal string Meaning => _model is DualEncoder ? "the text's direction in the space that it shares with pictures"
        : _model is ITextTower ? "the text tower's feature"
        : _pooling switch
        {
            TextPooling.Mean => "the mean of the tokens' states",
            TextPooling.First => "the state of the first token",
            _ => "the pooled state",
        } + (_normalizes ? ", of length 1" : string.Empty);

    /// <summary>Makes it for a model; null when the model takes no texts.</summary>
    internal static TextVectors? TryMake(LoadedModel model, string folder, TextPooling? pooling) =>
        model.Model is ITextTower or ITextEncoder or IEncoderDecoder ? new TextVectors(model, folder, pooling) : null;

    /// <summary>The vector of a text: float32 [1, D].</summary>
    internal Tensor Make(string text, CancellationToken cancellation)
    {
        Tensor vector = _model switch
        {
            DualEncoder both => both.EmbedTexts(Ids(text), null, cancellation),
            ITextTower tower => Feature(tower.EncodeText(Ids(text), null, null, cancellation)),
            _ => Pooled((ITextEncoder)_model, text, cancellation),
        };
        return _normalizes ? Ops.L2Normalize(vector) : vector;
    }

    private static Tensor Feature(TextTowerOutput output) => output.Features ?? output.Pooled
        ?? throw new NotSupportedException("The text tower gives no vector for a text. Load the whole model.");

    private Tensor Ids(string text)
    {
        int[] ids = _tower!.Encode(text);
        return Tensor.From(ids, [1, ids.Length]);
    }

    private Tensor Pooled(ITextEncoder encoder, string text, CancellationToken cancellation)
    {
        int[] ids = _tokenizer.Tokenizer.EncodeIds(text, addSpecialTokens: true, allowSpecial: false);
        if (ids.Length == 0)
        {
            throw new ArgumentException("The text has no tokens. Give it at least one word.", nameof(text));
        }

        if (ids.Length > encoder.MaximumPositions)
        {
            throw TooLong(ids.Length, encoder.MaximumPositions);
        }

        int[] positions = new int[ids.Length];
        encoder.Place(ids, positions);
        var batch = new SequenceBatch();
        batch.Add(positions);
        TextEncoding encoding = encoder.Encode(new TextInput(Tensor.From(ids, [ids.Length])), batch, null, cancellation);
        return _pooling switch
        {
            TextPooling.Mean => Ops.Mean(encoding.States, 0, keepAxis: true),
            TextPooling.First => encoding.States.Rows(0, 1),
            _ => encoding.Pooled ?? throw new NotSupportedException(
                $"The model in '{_folder}' has no pooler. Pool by the mean or by the first token."),
        };
    }

    private static ArgumentException TooLong(int tokens, int most) =>
        new($"The text has {tokens} tokens, the model takes {most}. Shorten it, or cut it into several.");
}
