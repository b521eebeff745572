using Percept.Inference;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>One processor on rows of logits.</summary>
internal static class LogitsProcessVerb
{
    private const float LowestStandsForInfinity = -1e38f;

    internal static void Run(RunContext context)
    {
        int[] ids = Numbers.ReadInts(context.Need("input_ids"));
        Tensor given = context.Need("scores");
        int rows = checked((int)given.Shape[0]);
        int size = checked((int)given.Shape[1]);
        float[] scores = given.ToArray<float>();
        Unmask(scores, context.Find("special"));
        var settings = new RunArgs(context.Args.Need("settings"));
        string name = context.Args.Text("processor");
        if (name == "ClassifierFreeGuidanceLogitsProcessor")
        {
            rows = Mix(scores, rows, size, settings);
        }
        else
        {
            int prompts = EncoderRows(context, out int[][]? encoder);
            int prompt = PromptLength(name, settings);
            ILogitsProcessor processor = LogitsProcessors.Make(name, settings, encoder, context);
            int length = ids.Length / rows;
            int copies = Math.Max(1, rows / Math.Max(1, prompts));
            int maxLength = name == "ForcedEOSTokenLogitsProcessor" ? settings.Int("max_length") : int.MaxValue;
            for (int row = 0; row < rows; row++)
            {
                processor.Process(
                    new LogitsContext(
                        ids.AsSpan(row * length, length), prompt, maxLength, row, prompts == 0 ? row : row / copies),
                    scores.AsSpan(row * size, size));
            }
        }

        if (settings.Unread.Count > 0)
        {
            throw new InvalidDataException($"The setting '{settings.Unread.First()}' of '{name}' is not understood.");
        }

        context.Give("scores", Tensor.From<float>(scores.AsSpan(0, rows * size), [rows, size]));
    }

    /// <summary>Puts infinities, and what else inputs cannot hold, where they are meant.</summary>
    internal static void Unmask(Span<float> scores, Tensor? special = null)
    {
        foreach (ref float score in scores)
        {
            score = score <= LowestStandsForInfinity ? float.NegativeInfinity : score;
        }

        int[] marks = special is { } tensor ? Numbers.ReadInts(tensor) : [];
        for (int i = 0; i < marks.Length; i++)
        {
            scores[i] = marks[i] switch
            {
                1 => float.NaN,
                2 => float.PositiveInfinity,
                3 => float.NegativeInfinity,
                _ => scores[i],
            };
        }
    }

    // The first half of the rows is conditional, the second not.
    private static int Mix(float[] scores, int rows, int size, RunArgs settings)
    {
        int half = rows / 2;
        GuidanceProcessor.Mix(
            scores.AsSpan(0, half * size), scores.AsSpan(half * size), (float)settings.Number("guidance_scale"));
        return half;
    }

    private static int EncoderRows(RunContext context, out int[][]? encoder)
    {
        encoder = null;
        if (context.Find("encoder_input_ids") is not { } tensor)
        {
            return 0;
        }

        int rows = checked((int)tensor.Shape[0]);
        encoder = [.. Numbers.ReadInts(tensor).Chunk(checked((int)tensor.Shape[1]))];
        return rows;
    }

    private static int PromptLength(string name, RunArgs settings) => name switch
    {
        "MinNewTokensLengthLogitsProcessor" => settings.Int("prompt_length_to_skip"),
        "ExponentialDecayLengthPenalty" => settings.Int("input_ids_seq_length"),
        _ => 0,
    };
}
