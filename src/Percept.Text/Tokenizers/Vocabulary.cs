using System.Diagnostics.CodeAnalysis;

namespace Percept.Text;

/// <summary>Tokens and their ids, both ways. Immutable.</summary>
public sealed class Vocabulary
{
    // An array by id is used as long as it is at most this many times longer than the number of tokens.
    private const int MaxSparseness = 4;
    private const int SmallArray = 1024;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly string?[] _tokens;
    private readonly Dictionary<int, string>? _sparse;

    /// <summary>Makes a vocabulary of tokens with their ids.</summary>
    /// <param name="tokens">The tokens; of equal ones, the last one counts.</param>
    /// <exception cref="InvalidDataException">An id is negative or the greatest number there is.</exception>
    public Vocabulary(IEnumerable<KeyValuePair<string, int>> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        _ids = new Dictionary<string, int>(StringComparer.Ordinal);
        int max = -1;
        foreach ((string token, int id) in tokens)
        {
            if (id is < 0 or int.MaxValue)
            {
                throw new InvalidDataException(
                    $"The token '{token}' has the id {id}, expected 0 to {int.MaxValue - 1}.");
            }

            _ids[token] = id;
            max = Math.Max(max, id);
        }

        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        MaxId = max;
        // An id of two billion in a small file must not take gigabytes.
        if (max < SmallArray || max / MaxSparseness <= _ids.Count)
        {
            _tokens = new string?[max + 1];
            foreach ((string token, int id) in _ids)
            {
                _tokens[id] = token;
            }
        }
        else
        {
            _tokens = [];
            _sparse = new Dictionary<int, string>(_ids.Count);
            foreach ((string token, int id) in _ids)
            {
                _sparse[id] = token;
            }
        }
    }

    /// <summary>The number of tokens.</summary>
    public int Count => _ids.Count;

    /// <summary>The greatest id; −1 where there are no tokens.</summary>
    public int MaxId { get; }

    /// <summary>The tokens with their ids, in no certain order.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>Makes a vocabulary of tokens whose ids are their places.</summary>
    /// <param name="tokens">The tokens by id; null entries are ids without a token.</param>
    public static Vocabulary FromList(IReadOnlyList<string?> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return new Vocabulary(Pairs(tokens));
    }

    /// <summary>Finds the id of a token.</summary>
    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _lookup.TryGetValue(token, out id);

    /// <summary>The id of a token; −1 when there is none.</summary>
    public int IdOf(ReadOnlySpan<char> token) => _lookup.TryGetValue(token, out int id) ? id : -1;

    /// <summary>Finds the token of an id.</summary>
    public bool TryGetToken(int id, [NotNullWhen(true)] out string? token)
    {
        token = (uint)id < (uint)_tokens.Length ? _tokens[id] : _sparse?.GetValueOrDefault(id);
        return token is not null;
    }

    private static IEnumerable<KeyValuePair<string, int>> Pairs(IReadOnlyList<string?> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i] is { } token)
            {
                yield return new(token, i);
            }
        }
    }
}
