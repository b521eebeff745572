using Percept.Inference;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Text;

namespace Percept.Training;

/// <summary>
/// Lets the model that is trained answer questions. What it writes follows from its weights, the seed and the place of the sample in the
/// data alone: the answers to one question are drawn together, on the thread that computes, and beside no other question.
/// </summary>
internal sealed class AnswerSampler
{
    // Told apart from other streams of the seed.
    private const ulong AnswerStream = 0x616E73776572;

    private readonly ILanguageModel _language;
    private readonly IMultimodalModel? _multimodal;
    private readonly Tokenizer _tokenizer;
    private readonly GenerationSettings _settings;
    private readonly ulong _seed;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">How many answers, how long, how varied.</param>
    /// <param name="seed">The recipe's seed.</param>
    /// <exception cref="NotSupportedException">The model cannot be asked piece by piece.</exception>
    internal AnswerSampler(TrainedModel model, LossRecipe loss, ulong seed)
    {
        _language = model.NeedLanguage();
        _multimodal = model.Multimodal;
        if (_multimodal is { MediaSeeAhead: true })
        {
            throw new NotSupportedException(
                $"'{model.Folder}' holds a model of type '{model.Loaded.ModelType}', whose rows of a medium see those behind them; answers " +
                "are not drawn from such a model. Choose another loss, or another model.");
        }

        IProcessor processor = model.NeedProcessor();
        _tokenizer = processor.Tokenizer.Tokenizer;
        _seed = seed;
        _settings = new GenerationSettings
        {
            DoSample = true,
            Temperature = loss.Temperature,
            TopK = 0,
            MaxNewTokens = loss.AnswerTokens,
            NumReturnSequences = loss.GroupSize,
            EosTokenIds = [.. GenerationSettings.Load(model.Folder).EosTokenIds.Union(processor.StopIds)],
        };
    }

    /// <summary>Draws the answers to a question.</summary>
    internal IReadOnlyList<Completion> Answer(PromptItem item)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        PreparedPrompt prompt = item.Prompt;
        var media = new Dictionary<MediaInput, Tensor>(ReferenceEqualityComparer.Instance);
        foreach (MediaSpan span in prompt.Spans)
        {
            if (!media.ContainsKey(span.Media))
            {
                media[span.Media] = _multimodal!.Encode(span.Media);
            }
        }

        using var session = new ModelSession(_language, 1, KvCacheType.F32);
        Tensor embeddings = EmbeddingSplicer.Embed(_language, [.. prompt.Ids], 0, prompt.Spans, one => media[one]);
        var logits = new float[_language.VocabularySize];
        session.Feed(0, embeddings, prompt.Positions is { } positions ? [.. positions] : [], logits);
        GenerationResult result = TextGenerator.Generate(session, new GenerationRequest
        {
            Prompts = [new GenerationPrompt(prompt.Ids)],
            FirstLogits = logits,
            Settings = _settings with { Seed = new RandomStream(_seed ^ AnswerStream, item.Draw).NextUInt64() },
        });
        return [.. result.Sequences.Select(sequence => new Completion(
            item, sequence.Tokens, Text(sequence.Tokens), sequence.Finish == FinishReason.EndOfSequence))];
    }

    /// <summary>The text of tokens; ids that a model has beyond those of its tokenizer are no text.</summary>
    private string Text(IReadOnlyList<int> tokens) =>
        _tokenizer.Decode([.. tokens.Where(id => id < _tokenizer.VocabularySize)], skipSpecialTokens: true);
}
