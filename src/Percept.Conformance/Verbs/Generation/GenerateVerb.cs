using Percept.Inference;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>
/// Generates with the settings of the checkpoint and those of the run: <c>sequences</c> with the prompt (with
/// <c>returns: new_tokens</c> without), filled to one length; <c>sequences_scores</c> of beams.
/// </summary>
internal static class GenerateVerb
{
    internal static void Run(RunContext context)
    {
        LoadedModel loaded = context.Model();
        bool newTokens = context.Args.Choice("returns", "sequences", "sequences", "new_tokens") == "new_tokens";
        GenerationSettings settings = GenerationArguments.Settings(context);
        PreparedRows prompts = GenerationPrompts.Of(context, loaded.Model, settings);
        using ModelSession session = prompts.Open();

        // Plain text is fed by the loop itself; what has embeddings of its own is fed here.
        var logits = new float[prompts.IsText ? 0 : prompts.Prompts.Count * session.VocabularySize];
        for (int row = 0; row < prompts.Prompts.Count && !prompts.IsText; row++)
        {
            session.Feed(row, prompts.Embeddings[row], [], logits.AsSpan(row * session.VocabularySize, session.VocabularySize));
        }

        using ModelSession? other = settings.UsesGuidance ? prompts.Open() : null;
        GenerationResult result = TextGenerator.Generate(session, new GenerationRequest
        {
            Prompts = prompts.Prompts,
            Settings = settings,
            FirstLogits = logits,
            EmbeddedLength = prompts.EmbeddedLength,
            EncoderIds = prompts.EncoderIds,
            Unconditional = other,
            NegativePrompts = context.Find("negative_prompt_ids") is { } negative ? Rows(negative) : null,
            TokenBytes = settings.StopStrings.Count > 0
                ? TokenBytes.Of(TokenizerLoader.FromFolder(context.CheckpointPath()).Tokenizer)
                : null,
        });
        Give(context, result, newTokens);
        prompts.End();
    }

    /// <summary>The rows of a matrix of ids.</summary>
    internal static int[][] Rows(Tensor ids)
    {
        long[] all = Numbers.ReadIntegers(ids);
        int length = ids.Shape[1];
        return [.. Enumerable.Range(0, ids.Shape[0]).Select(row => (int[])[.. all.Skip(row * length).Take(length).Select(id => (int)id)])];
    }

    private static void Give(RunContext context, GenerationResult result, bool newTokens)
    {
        int[][] rows = result.ToRows(!newTokens);
        long[] all = [.. rows.SelectMany(row => row).Select(id => (long)id)];
        context.Give("sequences", Tensor.From(all, [rows.Length, rows[0].Length]));
        if (context.Wants("sequences_scores"))
        {
            float[] scores = [.. result.Sequences.Select(sequence => sequence.Score!.Value)];
            context.Give("sequences_scores", Tensor.From(scores, [scores.Length]));
        }
    }
}
