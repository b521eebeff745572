namespace Percept.Inference;

/// <summary>
/// Classifier-free guidance: moves log-probabilities away from those of a context without the prompt,
/// scale · (conditional − unconditional) + unconditional.
/// </summary>
internal sealed class GuidanceProcessor(double scale) : ILogitsProcessor
{
    private readonly float _scale = (float)scale;
    private LogitsBuffer<float> _scratch;

    public string Name => "UnbatchedClassifierFreeGuidanceLogitsProcessor";

    /// <summary>The logits of the context without the prompt, [rows, V]; they are changed by the processor.</summary>
    internal float[] Unconditional { get; set; } = [];

    public void Process(in LogitsContext context, Span<float> logits)
    {
        Span<float> unconditional = Unconditional.AsSpan(context.Row * logits.Length, logits.Length);
        Span<float> scratch = _scratch.Take(logits.Length);
        LogitMath.LogSoftmax(logits, scratch);
        LogitMath.LogSoftmax(unconditional, scratch);
        Mix(logits, unconditional, _scale);
    }

    /// <summary>Mixes in place: unconditional + scale · (conditional − unconditional).</summary>
    internal static void Mix(Span<float> conditional, ReadOnlySpan<float> unconditional, float scale)
    {
        for (int i = 0; i < conditional.Length; i++)
        {
            conditional[i] = unconditional[i] + (scale * (conditional[i] - unconditional[i]));
        }
    }
}
