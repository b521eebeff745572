using System.Text.Json;
using Percept.Inference;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// The scores that a token is drawn by, and their softmax, after the prompt and after each token of a given continuation.
/// </summary>
internal static class SampleProbsVerb
{
    private const string Expected = "expected_processors";

    internal static void Run(RunContext context)
    {
        ILanguageModel model = context.Model().As<ILanguageModel>();
        Tensor ids = context.Need("input_ids");
        Tensor continuation = context.Need("continuation");
        PaddedRows padding = PaddedRows.Of(ids.Shape[0], ids.Shape[1], context.Find("attention_mask"));
        int[][] prompts = [.. Numbers.ReadInts(ids).Chunk(ids.Shape[1])];
        int[][] next = [.. Numbers.ReadInts(continuation).Chunk(continuation.Shape[1])];
        GenerationSettings settings = CaseSettings.Read(context, Expected);
        settings.Check();
        LogitsChain chain = LogitsChain.Build(settings, new LogitsChainInputs { EncoderIds = prompts });
        CheckOrder(context, chain);
        int steps = continuation.Shape[1] + 1;
        int size = model.VocabularySize;
        var scores = new float[prompts.Length * steps * size];
        using GradientSwitch off = Gradients.Off();
        for (int row = 0; row < prompts.Length; row++)
        {
            int[] all = [.. prompts[row], .. next[row]];
            int skipped = prompts[row].Length - padding.Counts[row];
            Span<float> target = scores.AsSpan(row * steps * size, steps * size);
            Logits(model, all[skipped..], steps).CopyTo(target);
            for (int step = 0; step < steps; step++)
            {
                int length = prompts[row].Length;
                chain.Process(
                    new LogitsContext(
                        all.AsSpan(0, length + step), length, settings.LengthLimit(length), row, row, skipped),
                    target.Slice(step * size, size));
            }
        }

        Tensor given = Tensor.From<float>(scores, [prompts.Length, steps, size]);
        context.Give("scores", given);
        context.Give("probs", Ops.Softmax(given));
    }

    // The logits behind the last ids of a sequence.
    private static ReadOnlySpan<float> Logits(ILanguageModel model, int[] ids, int last)
    {
        var batch = new SequenceBatch(model.PositionAxes);
        batch.Add(ids.Length);
        Tensor hidden = model.Forward(model.Embed(Tensor.From(ids, [ids.Length])), batch);
        return model.Logits(hidden.Rows(ids.Length - last, last)).Span<float>();
    }

    private static void CheckOrder(RunContext context, LogitsChain chain)
    {
        if (context.Args.Find(Expected) is not { } names)
        {
            return;
        }

        string wanted = string.Join(", ", names.EnumerateArray().Select(name => name.GetString()));
        string got = string.Join(", ", chain.Processors.Select(processor => processor.Name));
        if (wanted != got)
        {
            throw new InvalidDataException($"The processors are {got}, expected {wanted}.");
        }
    }
}
