using System.Numerics;

namespace Percept.Inference;

/// <summary>
/// Makes the states of an object: properties in any order, none twice, the required ones before the end. What stands
/// there already is part of the state, so states are made when they are reached.
/// </summary>
internal sealed class ObjectStates
{
    private readonly Grammar _grammar;
    private readonly CharacterEncoder _texts;
    private readonly JsonParts _parts;
    private readonly ObjectShape _shape;
    private readonly Dictionary<(Place Place, bool First), int> _between = [];
    private readonly Dictionary<(Place Place, int Node), int> _names = [];
    private readonly Dictionary<Place, int> _others = [];
    private readonly int _end;

    internal ObjectStates(Grammar grammar, CharacterEncoder texts, JsonParts parts, ObjectShape shape)
    {
        _grammar = grammar;
        _texts = texts;
        _parts = parts;
        _shape = shape;
        _end = grammar.EndState();
    }

    /// <summary>The state before the brace.</summary>
    internal int Start() => _grammar.Before("{"u8, Between(new Place(BigInteger.Zero, 0), first: true));

    // Behind the brace, or behind a value.
    private int Between(Place place, bool first)
    {
        if (!_between.TryGetValue((place, first), out int state))
        {
            state = _grammar.AddState(filled =>
            {
                int next = _grammar.AddState(inner => FillBetween(inner, place, first));
                _parts.Space(filled, next);
            });
            _between.Add((place, first), state);
        }

        return state;
    }

    private void FillBetween(GrammarState state, Place place, bool first)
    {
        if ((_shape.Required & ~place.Seen).IsZero && place.Count >= _shape.Least)
        {
            state.Edges.Add((ByteSet.Of((byte)'}'), _end));
        }

        if (!MayGoOn(place))
        {
            return;
        }

        int quote = _grammar.Before("\""u8, Name(place, 0));
        if (first)
        {
            state.Free.Add(quote);
        }
        else
        {
            int behind = _grammar.AddState();
            _parts.Space(_grammar[behind], quote);
            state.Edges.Add((ByteSet.Of((byte)','), behind));
        }
    }

    private bool MayGoOn(Place place)
    {
        if (place.Count >= _shape.Most)
        {
            return false;
        }

        bool any = MayTakeOthers(place);
        for (int i = 0; i < _shape.Rules.Length && !any; i++)
        {
            any = MayTake(place, i);
        }

        return any;
    }

    // Where there is room for the required ones only, no other may stand.
    private bool IsTight(Place place) =>
        _shape.Most is { } most && most - place.Count <= ObjectShape.Count(_shape.Required & ~place.Seen);

    private bool MayTake(Place place, int name)
    {
        BigInteger bit = BigInteger.One << name;
        return _shape.Rules[name] is not null && (place.Seen & bit).IsZero
            && (!IsTight(place) || !(_shape.Required & bit).IsZero);
    }

    private bool MayTakeOthers(Place place) => _shape.Additional is not null && !IsTight(place);

    // Within a name that begins as some property does.
    private int Name(Place place, int node)
    {
        if (!_names.TryGetValue((place, node), out int state))
        {
            state = _grammar.AddState(filled => FillName(filled, place, node));
            _names.Add((place, node), state);
        }

        return state;
    }

    private void FillName(GrammarState state, Place place, int node)
    {
        bool others = MayTakeOthers(place);
        foreach ((int codePoint, int child) in _shape.Names.Children(node))
        {
            if (others || LeadsToName(place, child))
            {
                _texts.Add(state, CodePointRanges.Of(codePoint), Name(place, child));
            }
        }

        if (others)
        {
            CodePointRanges rest = CodePointRanges.Of(
                _shape.Names.Children(node).Keys.Select(codePoint => (codePoint, codePoint))).Complement();
            _texts.Add(state, rest, Other(place));
        }

        if (_shape.Names.NameAt(node) is { } name)
        {
            if (MayTake(place, name))
            {
                state.Edges.Add((ByteSet.Of((byte)'"'), Value(_shape.Rules[name]!.Value, Next(place, name))));
            }
        }
        else if (others)
        {
            state.Edges.Add((ByteSet.Of((byte)'"'), Value(_shape.Additional!.Value, Next(place, null))));
        }
    }

    private bool LeadsToName(Place place, int node)
    {
        // Names may be longer than calls may nest.
        var open = new Stack<int>();
        open.Push(node);
        while (open.TryPop(out int at))
        {
            if (_shape.Names.NameAt(at) is { } name && MayTake(place, name))
            {
                return true;
            }

            foreach ((int _, int child) in _shape.Names.Children(at))
            {
                open.Push(child);
            }
        }

        return false;
    }

    // Within a name that is no property's.
    private int Other(Place place)
    {
        if (!_others.TryGetValue(place, out int state))
        {
            state = _grammar.AddState(filled =>
            {
                _texts.Add(filled, CodePointRanges.All, Other(place));
                filled.Edges.Add((ByteSet.Of((byte)'"'), Value(_shape.Additional!.Value, Next(place, null))));
            });
            _others.Add(place, state);
        }

        return state;
    }

    // Behind a name: the colon and the value.
    private int Value(int rule, Place next)
    {
        int value = _grammar.AddState(filled => filled.Calls.Add((rule, Between(next, first: false))));
        int colon = _grammar.AddState();
        _parts.Space(_grammar[colon], value);
        int name = _grammar.AddState();
        int mark = _grammar.AddState();
        _grammar[mark].Edges.Add((ByteSet.Of((byte)':'), colon));
        _parts.Space(_grammar[name], mark);
        return name;
    }

    // Numbers of properties are told apart only as far as a limit depends on them.
    private Place Next(Place place, int? name)
    {
        BigInteger seen = name is { } index ? place.Seen | (BigInteger.One << index) : place.Seen;
        int count = _shape.Most is null ? Math.Min(place.Count + 1, _shape.Least) : place.Count + 1;
        return new Place(seen, count);
    }

    /// <summary>What stands in the object so far.</summary>
    private readonly record struct Place(BigInteger Seen, int Count);
}
