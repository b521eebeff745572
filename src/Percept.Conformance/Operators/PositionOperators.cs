using System.Text.Json;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Rotary frequencies and the position terms of attention scores.</summary>
internal static class PositionOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("rope_inv_freq", Frequencies),
        ("alibi", Alibi),
        ("t5_bucket", static run => run.Give("bucket", Ops.RelativeBuckets(
            run.Input("relative_position"),
            run.Args.Flag("bidirectional", true),
            run.Args.Int("num_buckets", 32),
            run.Args.Int("max_distance", 128)))),
    ];

    private static void Frequencies(OpRun run)
    {
        RunArgs args = run.Args;
        JsonElement given = args.Need("rope_parameters");
        var rope = new RunArgs(given);
        string kind = rope.Text(rope.Name("rope_type", "type"), "default");
        rope.Skip("rope_type");
        rope.Skip("type");
        var frequencies = new RopeFrequencies
        {
            RotaryDimension = (int)(args.Int("head_dim") * rope.Number("partial_rotary_factor", 1)),
            Theta = rope.Number("rope_theta", 10000),
            Scaling = Scaling(kind),
            Factor = rope.NumberOrNone("factor"),
            MaximumPositions = args.Int("max_position_embeddings", 2048),
            OriginalPositions = rope.IntOrNone("original_max_position_embeddings"),
            AttentionFactor = rope.NumberOrNone("attention_factor"),
            BetaFast = rope.Number("beta_fast", 32),
            BetaSlow = rope.Number("beta_slow", 1),
            MScale = rope.NumberOrNone("mscale"),
            MScaleAllDimensions = rope.NumberOrNone("mscale_all_dim"),
            Truncate = rope.Flag("truncate", true),
            LowFrequencyFactor = rope.Number("low_freq_factor", 1),
            HighFrequencyFactor = rope.Number("high_freq_factor", 4),
            ShortFactors = rope.Has("short_factor") ? rope.Numbers("short_factor") : null,
            LongFactors = rope.Has("long_factor") ? rope.Numbers("long_factor") : null,
        };
        if (rope.Unread.Count > 0)
        {
            throw new InvalidDataException($"The argument 'rope_parameters.{rope.Unread.First()}' is not understood.");
        }

        (float[] inverse, float attention) = frequencies.Compute(args.IntOrNone("seq_len"));
        run.Give("inv_freq", Tensor.From(inverse, [inverse.Length]));
        run.Give("attention_factor", Tensor.From([attention], []));
    }

    private static RopeScaling Scaling(string kind) => kind switch
    {
        "default" => RopeScaling.Default,
        "linear" => RopeScaling.Linear,
        "dynamic" => RopeScaling.Dynamic,
        "yarn" => RopeScaling.Yarn,
        "llama3" => RopeScaling.Llama3,
        "longrope" => RopeScaling.LongRope,
        _ => throw new NotUnderstoodException($"there is no rope scaling '{kind}'"),
    };

    /// <summary>slope·(cumsum(mask) − 1)·mask for each key: [B, H, 1, K].</summary>
    private static void Alibi(OpRun run)
    {
        Tensor mask = run.Input("attention_mask");
        int heads = run.Args.Int("heads");
        int batch = mask.Shape[0];
        int keys = mask.Shape[1];
        long[] visible = Numbers.ReadIntegers(mask);
        var positions = new float[visible.Length];
        for (int row = 0; row < batch; row++)
        {
            long seen = 0;
            for (int i = row * keys; i < (row + 1) * keys; i++)
            {
                seen += visible[i];
                positions[i] = (seen - 1) * visible[i];
            }
        }

        run.Give("bias", Ops.Multiply(
            Ops.Reshape(Ops.AlibiSlopes(heads), [1, heads, 1, 1]), Tensor.From(positions, [batch, 1, 1, keys])));
    }
}
