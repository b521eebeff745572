using System.Numerics.Tensors;

namespace Percept.Inference;

/// <summary>Divides every logit: above 1 the choice is freer, below 1 narrower.</summary>
internal sealed class TemperatureProcessor : ILogitsProcessor
{
    private readonly float _temperature;

    internal TemperatureProcessor(double temperature)
    {
        SettingsCheck.Require(temperature > 0 && double.IsFinite(temperature), "temperature", temperature,
            "a number above 0; for the most likely token set do_sample to false");
        _temperature = (float)temperature;
    }

    public string Name => "TemperatureLogitsWarper";

    public void Process(in LogitsContext context, Span<float> logits) =>
        TensorPrimitives.Divide(logits, _temperature, logits);
}

/// <summary>Keeps the k greatest logits and all that are equal to the k-th.</summary>
internal sealed class TopKProcessor : ILogitsProcessor
{
    private readonly int _k;
    private LogitsBuffer<float> _heap;

    internal TopKProcessor(int k, int minTokensToKeep = 1)
    {
        SettingsCheck.Require(k > 0, "top_k", k, "a whole number above 0");
        SettingsCheck.Keep(minTokensToKeep);
        _k = Math.Max(k, minTokensToKeep);
    }

    public string Name => "TopKLogitsWarper";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        if (_k >= logits.Length)
        {
            return;
        }

        float least = LogitMath.KthLargest(logits, _k, _heap.Take(_k));
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] < least)
            {
                logits[i] = LogitMath.Forbidden;
            }
        }
    }
}

/// <summary>Keeps tokens whose probability is at least a share of the greatest one.</summary>
internal sealed class MinPProcessor : ILogitsProcessor
{
    private readonly float _minP;
    private readonly int _keep;
    private LogitsBuffer<float> _probabilities;
    private LogitsBuffer<float> _heap;

    internal MinPProcessor(double minP, int minTokensToKeep = 1)
    {
        SettingsCheck.Require(minP is >= 0 and <= 1, "min_p", minP, "a number from 0 to 1");
        SettingsCheck.Keep(minTokensToKeep);
        _minP = (float)minP;
        _keep = minTokensToKeep;
    }

    public string Name => "MinPLogitsWarper";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        Span<float> probabilities = _probabilities.Take(logits.Length);
        LogitMath.Softmax(logits, probabilities);
        float least = _minP * TensorPrimitives.Max<float>(probabilities);
        EpsilonProcessor.Cut(logits, probabilities, least, LogitMath.KthLargest(logits, _keep, _heap.Take(_keep)));
    }
}

/// <summary>Keeps tokens whose probability reaches a bound (epsilon sampling).</summary>
internal sealed class EpsilonProcessor : ILogitsProcessor
{
    private readonly float _epsilon;
    private readonly int _keep;
    private LogitsBuffer<float> _probabilities;
    private LogitsBuffer<float> _heap;

    internal EpsilonProcessor(double epsilon, int minTokensToKeep = 1)
    {
        SettingsCheck.Require(epsilon is > 0 and < 1, "epsilon_cutoff", epsilon, "a number between 0 and 1");
        SettingsCheck.Keep(minTokensToKeep);
        _epsilon = (float)epsilon;
        _keep = minTokensToKeep;
    }

    public string Name => "EpsilonLogitsWarper";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        Span<float> probabilities = _probabilities.Take(logits.Length);
        LogitMath.Softmax(logits, probabilities);
        Cut(logits, probabilities, _epsilon, LogitMath.KthLargest(logits, _keep, _heap.Take(_keep)));
    }

    /// <summary>Forbids the tokens below a probability, but none whose logit reaches <paramref name="kept"/>.</summary>
    internal static void Cut(Span<float> logits, ReadOnlySpan<float> probabilities, float least, float kept)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            if (probabilities[i] < least && logits[i] < kept)
            {
                logits[i] = LogitMath.Forbidden;
            }
        }
    }
}

/// <summary>Keeps tokens whose probability reaches a bound that shrinks with the entropy (eta sampling).</summary>
internal sealed class EtaProcessor : ILogitsProcessor
{
    private readonly double _epsilon;
    private readonly int _keep;
    private LogitsBuffer<float> _probabilities;
    private LogitsBuffer<float> _heap;

    internal EtaProcessor(double epsilon, int minTokensToKeep = 1)
    {
        SettingsCheck.Require(epsilon is > 0 and < 1, "eta_cutoff", epsilon, "a number between 0 and 1");
        SettingsCheck.Keep(minTokensToKeep);
        _epsilon = (float)epsilon;
        _keep = minTokensToKeep;
    }

    public string Name => "EtaLogitsWarper";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        Span<float> probabilities = _probabilities.Take(logits.Length);
        LogitMath.Softmax(logits, probabilities);
        double eta = Math.Min(_epsilon, Math.Sqrt(_epsilon) * Math.Exp(-LogitMath.Entropy(probabilities)));
        float kept = LogitMath.KthLargest(logits, _keep, _heap.Take(_keep));
        EpsilonProcessor.Cut(logits, probabilities, (float)eta, kept);
    }
}
