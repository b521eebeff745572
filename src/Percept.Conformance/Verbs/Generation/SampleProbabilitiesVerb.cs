using Percept.Inference;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// The scores that a draw would be made of after every token of a given continuation, and their softmax: the model's
/// logits through the processors that the settings ask for.
/// </summary>
internal static class SampleProbabilitiesVerb
{
    internal static void Run(RunContext context)
    {
        GenerationSettings settings = GenerationArguments.Settings(context);
        PreparedRows prompts = GenerationPrompts.Of(context, context.Model().Model, settings);
        int[][] continuation = GenerateVerb.Rows(context.Need("continuation"));
        LogitsChain chain = LogitsChain.Build(settings, new LogitsChainInputs
        {
            EncoderIds = prompts.EncoderIds ?? [.. prompts.Prompts.Select(prompt => (int[])[.. prompt.Ids])],
        });
        string[] expected = [.. context.Args.Need("expected_processors").EnumerateArray().Select(name => name.GetString()!)];
        string[] built = [.. chain.Processors.Select(processor => processor.Name)];
        context.Require(built.SequenceEqual(expected), $"the processors are {string.Join(", ", built)}, expected {string.Join(", ", expected)}");
        int size = prompts.Language.VocabularySize, steps = continuation[0].Length + 1;
        using ModelSession session = prompts.Open();
        Tensor scores = Ops.Empty([prompts.Prompts.Count, steps, size]);
        Span<float> all = scores.Writable<float>();
        for (int row = 0; row < prompts.Prompts.Count; row++)
        {
            Span<float> own = all.Slice(row * steps * size, steps * size);
            session.Feed(row, prompts.Embeddings[row], [], own[..size]);
            session.StepAll(row, continuation[row], own[size..]);
            GenerationPrompt prompt = prompts.Prompts[row];
            for (int step = 0; step < steps; step++)
            {
                int[] ids = [.. prompt.Ids, .. continuation[row].Take(step)];
                chain.Process(
                    new LogitsContext(
                        ids, prompt.Ids.Count, settings.LengthLimit(prompt.Ids.Count), row, row, prompt.Padding),
                    own.Slice(step * size, size));
            }
        }

        context.Give("scores", scores);
        context.Give("probs", Ops.Softmax(scores));
        prompts.End();
    }
}
