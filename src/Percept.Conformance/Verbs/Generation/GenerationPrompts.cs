using Percept.Inference;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>The prompts of a batch as a model takes them.</summary>
/// <param name="Language">The language model.</param>
/// <param name="Prompts">The ids, padding included.</param>
/// <param name="Embeddings">For each row float32 [n, hidden], without padding.</param>
/// <param name="EmbeddedLength">Positions that no id stands for.</param>
/// <param name="IsText">Whether the embeddings are just those of the ids.</param>
internal sealed record PreparedRows(
    ILanguageModel Language, IReadOnlyList<GenerationPrompt> Prompts, IReadOnlyList<Tensor> Embeddings, int EmbeddedLength,
    bool IsText = false)
{
    /// <summary>What each row remembers of an encoder's states; empty where there is no encoder.</summary>
    internal IReadOnlyList<CrossMemory> Memories { get; init; } = [];

    /// <summary>The encoder's ids of each row; null where there is no encoder.</summary>
    internal IReadOnlyList<int[]>? EncoderIds { get; init; }

    /// <summary>A session with a row for each prompt, which nothing has been fed to.</summary>
    internal ModelSession Open()
    {
        var session = new ModelSession(Language, Prompts.Count);
        for (int row = 0; row < Memories.Count; row++)
        {
            session.SetMemory(row, Memories[row]);
        }

        return session;
    }

    /// <summary>Frees what the rows remember.</summary>
    internal void End()
    {
        foreach (CrossMemory memory in Memories)
        {
            memory.Dispose();
        }
    }
}

/// <summary>Makes prompts of a run's inputs. What they are, the kind of model says.</summary>
internal static class GenerationPrompts
{
    internal static PreparedRows Of(RunContext context, object model, GenerationSettings settings) => model switch
    {
        IEncoderDecoder pair => OfPair(context, pair, settings),
        ILanguageModel language => OfText(context, language),
        LlavaModel { Config.ImageToken: MarkedPrompt.ImageId } authors => OfMarked(context, authors),
        LlavaModel llava => OfLlava(context, llava),
        LiteralMultimodalModel literal => OfVectors(context, literal),
        _ => throw new NotUnderstoodException($"'generate' is not known of {model.GetType().Name}"),
    };

    /// <summary>One vector of each picture, then a question's embeddings where there is one.</summary>
    private static PreparedRows OfVectors(RunContext context, LiteralMultimodalModel model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor pixels = context.Need("pixel_values");
        Tensor embeddings = model.Embed(pixels, context.Find("question_ids"));
        int rows = embeddings.Shape[0], length = embeddings.Shape[1];
        Tensor packed = embeddings.View([rows * length, embeddings.Shape[2]]);
        return new PreparedRows(
            model.Language,
            [.. Enumerable.Range(0, rows).Select(_ => new GenerationPrompt([]))],
            Split(packed, [.. Enumerable.Repeat(length, rows)]),
            length);
    }

    private static PreparedRows OfText(RunContext context, ILanguageModel language)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor? mask = context.Find("attention_mask");
        if (context.Find("inputs_embeds") is { } embeddings)
        {
            PaddedRows embedded = PaddedRows.Of(embeddings.Shape[0], embeddings.Shape[1], mask);
            RequireContinued(embedded, language);
            return new PreparedRows(
                language,
                [.. embedded.Counts.Select(_ => new GenerationPrompt([]))],
                Split(embedded.Pack(embeddings), embedded.Counts),
                embeddings.Shape[1]);
        }

        Tensor ids = context.Need("input_ids");
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], mask);
        RequireContinued(rows, language);
        return new PreparedRows(
            language, Padded(ids, rows), Split(language.Embed(rows.Pack(ids)), rows.Counts), 0, IsText: !rows.HasHoles);
    }

    /// <summary>The encoder reads the prompt; the decoder begins with its start token, or with what it is given.</summary>
    private static PreparedRows OfPair(RunContext context, IEncoderDecoder model, GenerationSettings settings)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor ids = context.Need("input_ids");
        (PaddedRows rows, TextEncoding encoding) = TextEncoderForward.Encode(context, model.Encoder, ids, "encoder_");
        int[][] given = context.Find("decoder_input_ids") is { } decoder
            ? GenerateVerb.Rows(decoder)
            : [.. Enumerable.Repeat(Array.Empty<int>(), ids.Shape[0])];
        GenerationPrompt[] prompts = [.. given.Select((row, i) => Begin(model, settings, row, i))];
        Tensor[] embeddings =
        [
            .. prompts.Select(prompt => model.Decoder.Embed(Tensor.From(prompt.Ids.ToArray(), [prompt.Ids.Count]))),
        ];
        return new PreparedRows(model.Decoder, prompts, embeddings, 0, IsText: true)
        {
            Memories = [.. given.Select((_, i) => model.Remember(rows.RowsOf(encoding.States, i)))],
            EncoderIds = GenerateVerb.Rows(ids),
        };
    }

    private static GenerationPrompt Begin(IEncoderDecoder model, GenerationSettings settings, int[] given, int row)
    {
        IReadOnlyList<int> starts = settings.DecoderStartTokenIds;
        int start = (starts.Count > 0 ? starts[Math.Min(row, starts.Count - 1)] : model.DecoderStart ?? settings.BosTokenId)
            ?? throw new InvalidDataException("Neither 'decoder_start_token_id' nor 'bos_token_id' says what the decoder begins with.");
        return new GenerationPrompt(given.Length > 0 && given[0] == start ? given : [start, .. given]);
    }

    private static PreparedRows OfLlava(RunContext context, LlavaModel model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor ids = context.Need("input_ids");
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], context.Find("attention_mask"));
        RequireContinued(rows, model.Language);
        Tensor embeddings = LlavaForward.Embed(context, model, rows.Pack(ids));
        return new PreparedRows(model.Language, Padded(ids, rows), Split(embeddings, rows.Counts), 0);
    }

    /// <summary>Prompts of LLaVA's own code, which become embeddings and keep no ids.</summary>
    private static PreparedRows OfMarked(RunContext context, LlavaModel model)
    {
        using GradientSwitch off = Gradients.Off();
        SplicedRow[] rows = SpliceForwardVerb.Rows(context, model);
        return new PreparedRows(
            model.Language, [.. rows.Select(_ => new GenerationPrompt([]))], [.. rows.Select(row => row.Embeddings)],
            rows.Max(row => row.Labels.Length));
    }

    /// <summary>The ids of each row, left padding counted.</summary>
    internal static IReadOnlyList<GenerationPrompt> Padded(Tensor ids, PaddedRows rows)
    {
        int[] leading = rows.Leading();
        return [.. GenerateVerb.Rows(ids).Select((row, i) => new GenerationPrompt(row, leading[i]))];
    }

    /// <summary>Masks that a session, which holds tokens and no places, cannot follow.</summary>
    private static void RequireContinued(PaddedRows rows, ILanguageModel language)
    {
        if (!rows.EndFilled)
        {
            throw new NotUnderstoodException("generation behind padding on the right ('attention_mask' ends with 0) is not known; pad on the left");
        }

        if (rows.HasHoles && language.HasWindows)
        {
            throw new NotUnderstoodException(
                "generation with a hole in 'attention_mask' is not known of layers that see a window of places; use a mask without " +
                "a hole, or the verb 'forward', which knows it");
        }
    }

    /// <summary>Parts a packed batch into its rows.</summary>
    internal static IReadOnlyList<Tensor> Split(Tensor packed, IReadOnlyList<int> counts)
    {
        var parts = new List<Tensor>();
        int start = 0;
        foreach (int count in counts)
        {
            parts.Add(packed.Rows(start, count));
            start += count;
        }

        return parts;
    }
}
