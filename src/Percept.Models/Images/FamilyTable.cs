using System.Collections.Frozen;

namespace Percept.Models;

/// <summary>The classes of one kind of processors, by name.</summary>
/// <typeparam name="TFamily">What stands for a class.</typeparam>
internal sealed class FamilyTable<TFamily>
    where TFamily : class
{
    private readonly string _kind;
    private readonly IReadOnlyList<TFamily> _all;
    private readonly Func<TFamily, string> _type;
    private readonly FrozenDictionary<string, TFamily> _byType;
    private readonly FrozenDictionary<string, TFamily> _byModel;
    private readonly Dictionary<string, TFamily> _loosely = new(StringComparer.Ordinal);

    /// <summary>Makes the table.</summary>
    /// <param name="kind">What the processors are for, in messages: <c>image</c>, <c>video</c>, <c>audio</c>.</param>
    /// <param name="all">The classes.</param>
    /// <param name="type">The name of a class.</param>
    /// <param name="models">The <c>model_type</c>s that use a class.</param>
    internal FamilyTable(
        string kind, IReadOnlyList<TFamily> all, Func<TFamily, string> type, Func<TFamily, IReadOnlyList<string>> models)
    {
        _kind = kind;
        _all = all;
        _type = type;
        _byType = all.ToFrozenDictionary(type, StringComparer.Ordinal);
        _byModel = all.SelectMany(family => models(family).Select(model => (model, family)))
            .ToFrozenDictionary(static pair => pair.model, static pair => pair.family, StringComparer.Ordinal);
        foreach ((string name, TFamily family) in _byModel.Concat(_byType).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            _loosely.TryAdd(Loose(name), family);
        }
    }

    /// <summary>The class of a name as settings have it.</summary>
    /// <param name="type">The name.</param>
    /// <param name="spelled">The same without what its age or backend adds; null for the name itself.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    internal TFamily Find(string type, string? spelled = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        return _byType.TryGetValue(spelled ?? type, out TFamily? family)
            ? family
            : throw new NotSupportedException(
                $"There is no {_kind} processor '{type}'; there are {string.Join(", ", _all.Select(_type))}.");
    }

    /// <summary>The class that a model's checkpoints use.</summary>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    internal TFamily FindByModel(string modelType)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelType);
        return _byModel.TryGetValue(modelType, out TFamily? family)
            ? family
            : throw new NotSupportedException(
                $"No {_kind} processor is known for models of type '{modelType}'; known are " +
                $"{string.Join(", ", _byModel.Keys.Order(StringComparer.Ordinal))}.");
    }

    /// <summary>The class that a person names, by a model type or a class, in any case and with any dashes; null for none.</summary>
    internal TFamily? FindLoosely(string name) => _loosely.GetValueOrDefault(Loose(name));

    private static string Loose(string name) =>
        new([.. name.Where(static letter => letter is not ('-' or '_' or '.')).Select(char.ToLowerInvariant)]);
}
