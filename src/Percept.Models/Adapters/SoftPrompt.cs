using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>What a prompt adapter learned: rows before the embeddings of a prompt, or keys and values before those of every layer.</summary>
/// <remarks>
/// Files hold the computed rows alone (<c>prompt_embeddings</c>): of prompts [n, hidden], of prefixes [n, layers·2·key heads·size],
/// where 2l and 2l + 1 are the keys and values of layer l. Keys of a prefix take no rotary turn; the prompt's positions begin after it.
/// </remarks>
public sealed class SoftPrompt
{
    /// <summary>The name of its rows in a file.</summary>
    public const string Key = "prompt_embeddings";

    private SoftPrompt(Parameter parameter, bool isPrefix)
    {
        Parameter = parameter;
        IsPrefix = isPrefix;
    }

    /// <summary>The rows [n, hidden] or [n, layers·2·key heads·size].</summary>
    public Parameter Parameter { get; }

    /// <summary>Whether they are keys and values.</summary>
    public bool IsPrefix { get; }

    /// <summary>How many tokens they stand for.</summary>
    public int Tokens => Parameter.Value.Shape[0];

    /// <summary>A new prompt or prefix, not yet trained.</summary>
    /// <param name="rows">Its first rows, float32 [n, hidden], or [n, layers·2·key heads·size] of a prefix; the prompt's own.</param>
    /// <param name="isPrefix">Whether they are keys and values.</param>
    public static SoftPrompt Create(Tensor rows, bool isPrefix)
    {
        Dims.Match(rows, "n d");
        return new SoftPrompt(new Parameter(Key, Key, rows.RequireGrad()), isPrefix);
    }

    /// <summary>The same prompt of other rows: those that a small network makes while it is trained.</summary>
    /// <param name="rows">Float32 [n, ...], as <see cref="Parameter"/> has them.</param>
    public SoftPrompt With(Tensor rows) => new(new Parameter(Key, Key, rows), IsPrefix);

    /// <summary>The keys of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="heads">Heads of keys.</param>
    /// <param name="size">Channels of a head.</param>
    /// <returns>Float32 [n, heads, size].</returns>
    public Tensor Keys(int layer, int heads, int size) => Part(2 * layer, heads, size);

    /// <summary>The values of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="heads">Heads of keys.</param>
    /// <param name="size">Channels of a head.</param>
    /// <returns>Float32 [n, heads, size].</returns>
    public Tensor Values(int layer, int heads, int size) => Part((2 * layer) + 1, heads, size);

    /// <summary>
    /// Puts what was learned into an empty cache, so that a sequence that goes on from it stands behind the prompt: the keys and values of a
    /// prefix, or those that the model makes of the rows of a prompt.
    /// </summary>
    /// <param name="cache">A cache of the model without a token; afterwards it has <see cref="Tokens"/>.</param>
    /// <param name="model">The model that the prompt was trained for.</param>
    /// <param name="wholeLength">
    /// The largest position of the sequence's prompt, plus 1, which rotary frequencies of some models follow; 0 for the rows alone.
    /// </param>
    /// <exception cref="ArgumentException">The cache has tokens.</exception>
    /// <exception cref="InvalidDataException">The rows have another width than the model.</exception>
    /// <exception cref="NotSupportedException">The model keeps keys and values that no prefix has.</exception>
    public void Fill(KvCache cache, ILanguageModel model, int wholeLength = 0)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(model);
        if (cache.Length > 0)
        {
            throw new ArgumentException($"The cache has {cache.Length} tokens already, and learned rows stand before all.", nameof(cache));
        }

        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        if (IsPrefix)
        {
            FillPrefix(cache, model.CacheShapes);
            return;
        }

        if (Parameter.Value.Shape[1] != model.HiddenSize)
        {
            throw new InvalidDataException(
                $"The prompt has {Parameter.Value.Shape[1]} numbers a token, expected {model.HiddenSize}, the model's hidden size. " +
                "Use it with the model that it was trained on.");
        }

        var batch = new SequenceBatch(model.PositionAxes);
        batch.Add(Tokens, cache);
        batch.SetWholeLength(0, wholeLength);
        model.Forward(Parameter.Value, batch);
    }

    private void FillPrefix(KvCache cache, IReadOnlyList<KvLayerShape> layers)
    {
        int width = layers.Sum(layer => layer.KeyRow + layer.ValueRow);
        RequirePrefix(layers);
        if (Parameter.Value.Shape[1] != width)
        {
            throw new InvalidDataException(
                $"The prefix has {Parameter.Value.Shape[1]} numbers a token, expected {width}, the keys and values of the model's " +
                $"{layers.Count} layers. Use it with the model that it was trained on.");
        }

        for (int layer = 0; layer < layers.Count; layer++)
        {
            int heads = layers[layer].Heads, size = layers[layer].KeySize;
            cache.Append(layer, Keys(layer, heads, size), Values(layer, heads, size), Tokens);
        }

        cache.Commit(Tokens);
    }

    private static void RequirePrefix(IReadOnlyList<KvLayerShape> layers)
    {
        if (layers.Any(layer => layer.KeySize != layer.ValueSize || layer.KeyRow != layers[0].KeyRow))
        {
            throw new NotSupportedException(
                "The model's layers keep keys and values of different sizes, which no prefix has. Use a prompt or LoRA with it.");
        }
    }

    private Tensor Part(int part, int heads, int size)
    {
        Tensor rows = Parameter.Value;
        int width = heads * size;
        if (rows.Shape[1] % (2 * width) != 0 || (part + 1) * width > rows.Shape[1])
        {
            throw new InvalidDataException(
                $"The prefix has {rows.Shape[1]} numbers a token, which are no keys and values of {heads} heads of {size} in layer " +
                $"{part / 2}. Use it with the model that it was trained on.");
        }

        return Ops.Reshape(Ops.Narrow(rows, 1, part * width, width), [rows.Shape[0], heads, size]);
    }

    /// <summary>
    /// A new prompt of the embeddings of words drawn from a model's vocabulary, or a prefix of the keys and values that the model makes of them.
    /// </summary>
    internal static SoftPrompt OfWords(ILanguageModel model, int count, bool isPrefix, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        var ids = new int[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = random.NextInt32(model.VocabularySize);
        }

        var words = Create(Ops.Clone(model.Embed(Tensor.From(ids, [count]))).KeepAlways(), isPrefix: false);
        if (!isPrefix)
        {
            return words;
        }

        using var cache = new KvCache(model.CacheShapes, KvCacheType.F32);
        words.Fill(cache, model);
        RequirePrefix(model.CacheShapes);
        var columns = new Tensor[2 * model.CacheShapes.Count];
        for (int layer = 0; layer < columns.Length / 2; layer++)
        {
            int width = model.CacheShapes[layer].KeyRow;
            columns[2 * layer] = Ops.Reshape(cache.Keys(layer, count), [count, width]);
            columns[(2 * layer) + 1] = Ops.Reshape(cache.Values(layer, count), [count, width]);
        }

        return Create(Ops.Concat(columns, 1).KeepAlways(), isPrefix: true);
    }

    /// <summary>Reads the rows of a file.</summary>
    internal static SoftPrompt Read(AdapterConfig config, TensorSource source, bool trained)
    {
        bool prefix = config.Method == AdapterMethod.PrefixTuning;
        if (!source.Tensors.TryGetValue(Key, out StoredTensor? stored) || stored.Shape.Rank != 2)
        {
            throw new InvalidDataException(
                $"'{source.Description}' has no '{Key}' of two axes, which an adapter of this kind holds. Copy the whole adapter folder.");
        }

        if (config.VirtualTokens != stored.Shape[0])
        {
            throw new InvalidDataException(
                $"'{Key}' in '{source.Description}' has {stored.Shape[0]} rows, but {AdapterConfig.FileName} says {config.VirtualTokens}. " +
                "Use the settings that were written with the weights.");
        }

        using Tensor raw = source.Read(Key);
        Tensor value = raw.DType == DType.F32 ? Ops.Clone(raw) : Ops.Cast(raw, DType.F32);
        return new SoftPrompt(new Parameter(Key, Key, value.RequireGrad(trained)), prefix);
    }
}
