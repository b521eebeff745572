using System.Globalization;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <summary>Remembers the first state of a pass that is not finite.</summary>
internal sealed class FiniteTrace : ForwardTrace
{
    private const string States = "hidden_states.";
    private const string Routers = "router_logits.";

    private string? _firstBad;

    public override void See(string name, Tensor value)
    {
        if (_firstBad is null && value.DType == DType.F32 && !IsFinite(value.Span<float>()))
        {
            _firstBad = name;
        }
    }

    private static bool IsFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Runs rows again, by pieces as they were run, and says in a sentence where numbers stop being finite.</summary>
    internal static string Explain(ILanguageModel model, Tensor inputs, KvCache cache, CrossMemory? memory = null, int chunk = int.MaxValue)
    {
        var trace = new FiniteTrace();
        var batch = new SequenceBatch(model.PositionAxes);
        for (int start = 0; start < inputs.Shape[0] && trace._firstBad is null;)
        {
            using TensorScope scope = TensorScope.Open();
            int part = Math.Min(chunk, inputs.Shape[0] - start);
            batch.Clear();
            batch.Add(part, cache);
            if (memory is not null)
            {
                batch.SetMemory(0, memory);
            }

            model.Forward(inputs.Rows(start, part), batch, trace);
            start += part;
        }

        return $"{Place(trace._firstBad, model.CacheShapes.Count)} Load the checkpoint again, or look at its tensors with 'percept inspect'.";
    }

    /// <summary>Where numbers stop being finite, by the name of the first state that is not: each is what enters a layer.</summary>
    /// <param name="bad">The name; null for none.</param>
    /// <param name="layers">How many layers the model has.</param>
    private static string Place(string? bad, int layers)
    {
        if (bad is null)
        {
            return "All hidden states are finite: the head (lm_head, or the tied embeddings) is damaged or out of its type's range.";
        }

        if (bad.StartsWith(Routers, StringComparison.Ordinal))
        {
            return $"The first bad layer is {bad[Routers.Length..]}: its router gives numbers that are not finite.";
        }

        if (!bad.StartsWith(States, StringComparison.Ordinal)
            || !int.TryParse(bad.AsSpan(States.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int entered))
        {
            return $"The first state that is not finite is '{bad}'.";
        }

        return entered == 0
            ? "The embeddings already hold numbers that are not finite: the table of embeddings, or the features of a medium."
            : $"The first bad layer is {entered - 1}: what enters it is finite, what leaves it is not" +
              (entered == layers ? " (or the final norm behind it)." : ".");
    }
}
