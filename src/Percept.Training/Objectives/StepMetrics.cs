namespace Percept.Training;

/// <summary>Means over a step of what an objective tells besides its loss, such as the share of pairs put in the right order.</summary>
/// <remarks>Used again in each step; for one thread.</remarks>
public sealed class StepMetrics
{
    private readonly List<(string Name, double Sum, double Weight)> _values = [];

    /// <summary>The names, in the order in which they came first.</summary>
    public IEnumerable<string> Names => _values.Select(value => value.Name);

    /// <summary>The mean of a name; NaN where nothing was added.</summary>
    /// <param name="name">The name.</param>
    public double this[string name]
    {
        get
        {
            int at = _values.FindIndex(value => value.Name == name);
            return at < 0 ? double.NaN : _values[at].Sum / _values[at].Weight;
        }
    }

    /// <summary>Adds a value.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <param name="weight">What it counts in the mean.</param>
    public void Add(string name, double value, double weight = 1)
    {
        for (int i = 0; i < _values.Count; i++)
        {
            if (_values[i].Name == name)
            {
                _values[i] = (name, _values[i].Sum + (value * weight), _values[i].Weight + weight);
                return;
            }
        }

        _values.Add((name, value * weight, weight));
    }

    /// <summary>Forgets the values, for the next step.</summary>
    public void Clear()
    {
        for (int i = 0; i < _values.Count; i++)
        {
            _values[i] = (_values[i].Name, 0, 0);
        }
    }
}
