using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <summary>Remembers the first state of a pass that is not finite.</summary>
internal sealed class FiniteTrace : ForwardTrace
{
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

    /// <summary>Runs rows again and says in a sentence where numbers stop being finite.</summary>
    internal static string Explain(ILanguageModel model, Tensor inputs, KvCache cache, CrossMemory? memory = null)
    {
        var batch = new SequenceBatch(model.PositionAxes);
        batch.Add(inputs.Shape[0], cache);
        if (memory is not null)
        {
            batch.SetMemory(0, memory);
        }

        var trace = new FiniteTrace();
        model.Forward(inputs, batch, trace);
        return trace._firstBad switch
        {
            null => "All hidden states are finite: the head's weights are damaged, or out of the range of their type.",
            "hidden_states.0" => "The embeddings already hold numbers that are not finite: the picture's features or the table of embeddings.",
            { } bad => $"The first state that is not finite is '{bad}': look at the weights of that layer.",
        };
    }
}
