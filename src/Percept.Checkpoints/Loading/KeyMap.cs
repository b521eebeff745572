namespace Percept.Checkpoints;

/// <summary>
/// How the names of the tensors in a file become the names that a model asks for, and which tensors no model needs. Rules are
/// tried in order; each rule that fits a name rewrites it once.
/// </summary>
/// <remarks>
/// A pattern is a name in which <c>{n}</c> stands for a number (a whole segment between dots) and <c>{*}</c> for any rest or
/// beginning. The same placeholders stand in the replacement, in the same order, so that a rule can be read backwards:
/// <see cref="ToFile"/> undoes <see cref="ToModel"/>. Immutable, safe for several threads.
/// </remarks>
public sealed class KeyMap
{
    private readonly KeyRule[] _rules;
    private readonly (KeyPattern Pattern, string Reason)[] _ignored;

    private KeyMap(KeyRule[] rules, (KeyPattern Pattern, string Reason)[] ignored)
    {
        _rules = rules;
        _ignored = ignored;
    }

    /// <summary>No rules: names are taken as they are.</summary>
    public static KeyMap Identity { get; } = new([], []);

    /// <summary>A map with one rule more, tried after those before.</summary>
    /// <param name="file">The pattern of names in the file.</param>
    /// <param name="model">What they become.</param>
    /// <exception cref="ArgumentException">The placeholders of both differ.</exception>
    public KeyMap Rename(string file, string model) => new([.. _rules, new KeyRule(file, model)], _ignored);

    /// <summary>A map that also knows tensors that no model needs.</summary>
    /// <param name="file">The pattern of names in the file, or of names that the rules made of them.</param>
    /// <param name="reason">Why: told in the report.</param>
    public KeyMap Ignore(string file, string reason) => new(_rules, [.. _ignored, (new KeyPattern(file), reason)]);

    /// <summary>A map whose rules come first and that knows all that either ignores.</summary>
    /// <param name="next">The rules that follow.</param>
    public KeyMap Then(KeyMap next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return new([.. _rules, .. next._rules], [.. _ignored, .. next._ignored]);
    }

    /// <summary>The same map for a part that stands at a place in a larger model.</summary>
    /// <param name="prefix">The beginning of the part's names, with its dot.</param>
    public KeyMap Under(string prefix) => new(
        [.. _rules.Select(rule => rule.Under(prefix))],
        [.. _ignored.Select(pair => (new KeyPattern(prefix + pair.Pattern), pair.Reason))]);

    /// <summary>The name by which a model asks for a tensor of the file.</summary>
    /// <param name="name">The name in the file.</param>
    public string ToModel(string name)
    {
        foreach (KeyRule rule in _rules)
        {
            name = rule.Forward(name) ?? name;
        }

        return name;
    }

    /// <summary>
    /// The name in a file of the layout that the rules read, for a name of the model. Where several layouts become the same
    /// names, the first rule that fits is undone.
    /// </summary>
    /// <param name="name">The model's name.</param>
    public string ToFile(string name)
    {
        for (int i = _rules.Length - 1; i >= 0; i--)
        {
            name = _rules[i].Back(name) ?? name;
        }

        return name;
    }

    /// <summary>Why a tensor is not needed; null when it is.</summary>
    /// <param name="name">The name in the file or in the model.</param>
    public string? IgnoredBecause(string name)
    {
        foreach ((KeyPattern pattern, string reason) in _ignored)
        {
            if (pattern.Fits(name))
            {
                return reason;
            }
        }

        return null;
    }
}
