using System.Text;

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
    public void Add(string name, double value, double weight = 1) => AddSum(name, value * weight, weight);

    /// <summary>Replaces the values by those of all ranks together; each may have seen other names.</summary>
    /// <param name="ranks">The ranks.</param>
    public void Sum(ICommunicator ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        if (ranks.Size == 1)
        {
            return;
        }

        var message = new MemoryStream();
        using (var writer = new BinaryWriter(message, Encoding.UTF8, leaveOpen: true))
        {
            foreach ((string name, double sum, double weight) in _values)
            {
                writer.Write(name);
                writer.Write(sum);
                writer.Write(weight);
            }
        }

        byte[][] said = ranks.AllGather(message.ToArray());
        _values.Clear();
        foreach (byte[] bytes in said)
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            while (reader.BaseStream.Position < bytes.Length)
            {
                AddSum(reader.ReadString(), reader.ReadDouble(), reader.ReadDouble());
            }
        }
    }

    /// <summary>Forgets the values, for the next step.</summary>
    public void Clear()
    {
        for (int i = 0; i < _values.Count; i++)
        {
            _values[i] = (_values[i].Name, 0, 0);
        }
    }

    private void AddSum(string name, double sum, double weight)
    {
        for (int i = 0; i < _values.Count; i++)
        {
            if (_values[i].Name == name)
            {
                _values[i] = (name, _values[i].Sum + sum, _values[i].Weight + weight);
                return;
            }
        }

        _values.Add((name, sum, weight));
    }
}
