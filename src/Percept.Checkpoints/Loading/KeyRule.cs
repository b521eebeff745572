namespace Percept.Checkpoints;

/// <summary>One pair of patterns of a <see cref="KeyMap"/>.</summary>
internal sealed class KeyRule
{
    private readonly KeyPattern _file;
    private readonly KeyPattern _model;

    internal KeyRule(string file, string model)
    {
        _file = new KeyPattern(file);
        _model = new KeyPattern(model);
        if (!_file.Holes.SequenceEqual(_model.Holes))
        {
            throw new ArgumentException($"The patterns '{file}' and '{model}' do not have the same placeholders in the same order.");
        }
    }

    /// <summary>The rule for names with a common beginning.</summary>
    internal KeyRule Under(string prefix) => new(prefix + _file, prefix + _model);

    /// <summary>The model's name for a name in the file; null when the rule does not fit.</summary>
    internal string? Forward(string name) => Turn(name, _file, _model);

    /// <summary>The file's name for a name of the model; null when the rule does not fit.</summary>
    internal string? Back(string name) => Turn(name, _model, _file);

    private static string? Turn(string name, KeyPattern from, KeyPattern to) =>
        from.Match(name) is { } parts ? to.Fill(parts) : null;
}
