using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Keeps an average of weights beside those that train, to evaluate with or to save.</summary>
/// <remarks>After it is made nothing is allocated on the heap of the garbage collector. For one thread.</remarks>
public sealed class WeightAverage : IDisposable
{
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly Tensor[] _averages;
    private readonly WeightAverageOptions _options;

    /// <summary>Begins with a copy of the weights.</summary>
    /// <param name="parameters">The weights, float32.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A decay is not in [0, 1], or another setting is out of range.</exception>
    public WeightAverage(IReadOnlyList<Parameter> parameters, WeightAverageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        options ??= new WeightAverageOptions();
        if (!(options.Decay is >= 0 and <= 1 && options.LeastDecay is >= 0 and <= 1))
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"The decays are {options.Decay} and {options.LeastDecay}, expected numbers from 0 to 1."),
                nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(options.UpdateAfterStep, nameof(options));
        OptimizerChecks.Positive(options.InverseGamma, "inverse gamma");
        _options = options with { };
        _parameters = parameters;
        using ScopeSuspension suspended = TensorScope.Suspend();
        _averages = [.. parameters.Select(parameter => Ops.Clone(Ops.Detach(parameter.Value)))];
    }

    /// <summary>How many times <see cref="Update"/> ran.</summary>
    public long Steps { get; private set; }

    /// <summary>What of the average stayed in the last step.</summary>
    public double LastDecay { get; private set; }

    /// <summary>Takes in the weights as they are now; call it after every step of the optimizer.</summary>
    public void Update()
    {
        Steps++;
        LastDecay = DecayOf(Steps);
        for (int i = 0; i < _averages.Length; i++)
        {
            InPlace.Average(_averages[i], LastDecay, _parameters[i].Value);
        }
    }

    /// <summary>The average of each weight by its name: the live tensors, float32 of the weights' shapes.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors()
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int i = 0; i < _averages.Length; i++)
        {
            tensors.Add(_parameters[i].Name, _averages[i]);
        }

        return tensors;
    }

    /// <summary>Takes over what <see cref="Tensors"/> and <see cref="Steps"/> gave.</summary>
    /// <param name="steps">How many steps were taken in.</param>
    /// <param name="tensors">The averages by the weights' names; the elements are copied.</param>
    /// <exception cref="InvalidDataException">
    /// A tensor is missing or of another shape. Nothing has changed then.
    /// </exception>
    public void Load(long steps, IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        for (int i = 0; i < _averages.Length; i++)
        {
            string name = _parameters[i].Name;
            if (!tensors.TryGetValue(name, out Tensor tensor)
                || tensor.DType != DType.F32
                || tensor.Shape != _averages[i].Shape)
            {
                throw new InvalidDataException(
                    $"The average of '{name}' is {(tensor.IsNone ? "missing" : tensor.ToString())}, expected {_averages[i]}. " +
                    "Restore it with the weights that it was made of.");
            }
        }

        for (int i = 0; i < _averages.Length; i++)
        {
            Ops.CopyTo(tensors[_parameters[i].Name], _averages[i]);
        }

        Steps = steps;
        LastDecay = steps == 0 ? 0 : DecayOf(steps);
    }

    /// <summary>
    /// Exchanges weights and averages: once to evaluate or save with the averages, once more to go on training.
    /// </summary>
    public void Swap()
    {
        using TensorScope scope = TensorScope.Open();
        for (int i = 0; i < _averages.Length; i++)
        {
            Tensor weight = _parameters[i].Value;
            using Tensor kept = Ops.Clone(_averages[i]);
            Ops.CopyTo(weight, _averages[i]);
            Ops.CopyTo(kept, weight);
        }
    }

    /// <summary>Frees the averages. The weights stay.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _averages)
        {
            tensor.Dispose();
        }
    }

    private double DecayOf(long count)
    {
        switch (_options.Kind)
        {
            case WeightAverageKind.Exponential:
                return _options.Decay;
            case WeightAverageKind.Mean:
                return (count - 1.0) / count;
            default:
                double step = Math.Max(0, count - _options.UpdateAfterStep - 1);
                if (step == 0)
                {
                    return 0;
                }

                double grown = _options.Power is { } power
                    ? 1 - Math.Pow(1 + (step / _options.InverseGamma), -power)
                    : (1 + step) / (10 + step);
                return Math.Max(_options.LeastDecay, Math.Min(grown, _options.Decay));
        }
    }
}
