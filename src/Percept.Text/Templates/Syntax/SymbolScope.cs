namespace Percept.Text.Templates;

/// <summary>A piece of source with a frame of its own: the template, a block, a macro, a recursive loop.</summary>
internal sealed class Unit(Unit? parent)
{
    private readonly Dictionary<string, int> _resolved = new(StringComparer.Ordinal);

    internal Unit? Parent { get; } = parent;

    internal int SlotCount { get; private set; }

    /// <summary>The names that are looked up outside when the frame is made, with their slots.</summary>
    internal IEnumerable<(string Name, int Slot)> Resolved => _resolved.Select(pair => (pair.Key, pair.Value));

    internal int NewSlot() => SlotCount++;

    internal int SlotOfOuter(string name)
    {
        if (!_resolved.TryGetValue(name, out int slot))
        {
            slot = NewSlot();
            _resolved.Add(name, slot);
        }

        return slot;
    }
}

/// <summary>Where a variable is kept.</summary>
internal sealed class Slot(Unit unit)
{
    internal Unit Unit { get; } = unit;

    /// <summary>The place in the unit's frame; −1 until the scope is complete.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>The place as seen from a unit: how many frames outwards, and where there.</summary>
    internal SlotPlace From(Unit from)
    {
        int depth = 0;
        for (Unit? at = from; !ReferenceEquals(at, Unit); at = at!.Parent)
        {
            depth++;
        }

        return new SlotPlace(depth, Index);
    }
}

/// <summary>A slot: so many frames outwards, at this index.</summary>
internal readonly record struct SlotPlace(int Depth, int Index);

/// <summary>What a variable of a scope holds when the scope is entered.</summary>
internal enum SlotStart
{
    Parameter,
    Outer,
    Alias,
    Unset,
}

/// <summary>
/// The names of one scope. The rules are those of the reference's compiler: a name that is set anywhere in a scope is
/// the scope's own; it starts as a copy of the outer variable when there is one; a name that is only read is looked
/// up where it is first seen.
/// </summary>
internal sealed class SymbolScope
{
    private readonly SymbolScope? _parent;
    private readonly Dictionary<string, Slot> _slots;
    private readonly Dictionary<Slot, (SlotStart Start, Slot? Source, string Name)> _starts;
    private readonly HashSet<string> _stores;

    internal SymbolScope(SymbolScope? parent, Unit unit)
    {
        _parent = parent;
        Unit = unit;
        _slots = new(StringComparer.Ordinal);
        _starts = [];
        _stores = new(StringComparer.Ordinal);
    }

    private SymbolScope(SymbolScope original)
    {
        _parent = original._parent;
        Unit = original.Unit;
        _slots = new(original._slots, StringComparer.Ordinal);
        _starts = new(original._starts);
        _stores = new(original._stores, StringComparer.Ordinal);
    }

    internal Unit Unit { get; }

    /// <summary>A copy for one branch of a condition.</summary>
    internal SymbolScope Branch() => new(this);

    internal void Load(string name)
    {
        if (Find(name) is null)
        {
            Define(name, SlotStart.Outer, null);
        }
    }

    internal void Store(string name)
    {
        _stores.Add(name);
        if (_slots.ContainsKey(name))
        {
            return;
        }

        Slot? outer = _parent?.Find(name);
        Define(name, outer is null ? SlotStart.Unset : SlotStart.Alias, outer);
    }

    internal Slot Parameter(string name)
    {
        _stores.Add(name);
        return Define(name, SlotStart.Parameter, null);
    }

    /// <summary>
    /// Takes over what the branches of a condition define: a name that only some of them set may come from outside.
    /// </summary>
    internal void Merge(params ReadOnlySpan<SymbolScope> branches)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (SymbolScope branch in branches)
        {
            foreach (string name in branch._stores.Where(name => !_stores.Contains(name)))
            {
                counts[name] = counts.GetValueOrDefault(name) + 1;
            }
        }

        foreach (SymbolScope branch in branches)
        {
            foreach ((string name, Slot slot) in branch._slots)
            {
                _slots[name] = slot;
            }

            foreach ((Slot slot, (SlotStart, Slot?, string) start) in branch._starts)
            {
                _starts[slot] = start;
            }

            _stores.UnionWith(branch._stores);
        }

        foreach ((string name, int count) in counts)
        {
            if (count < branches.Length)
            {
                Slot? outer = _parent?.Find(name);
                _starts[Find(name)!] = (outer is null ? SlotStart.Outer : SlotStart.Alias, outer, name);
            }
        }
    }

    internal Slot Need(string name) =>
        Find(name) ?? throw new InvalidOperationException($"The name '{name}' was not analysed.");

    /// <summary>Gives every variable its place; to be called when all names of the scope are known.</summary>
    /// <returns>What is to be done on entering the scope.</returns>
    internal ScopeEntry[] Complete()
    {
        var entries = new List<ScopeEntry>();
        foreach ((Slot slot, (SlotStart start, Slot? source, string name)) in _starts)
        {
            if (slot.Index >= 0 || !ReferenceEquals(_slots[name], slot))
            {
                continue;
            }

            if (start == SlotStart.Outer && !_stores.Contains(name))
            {
                slot.Index = Unit.SlotOfOuter(name);
                continue;
            }

            slot.Index = Unit.NewSlot();
            if (start != SlotStart.Parameter)
            {
                SlotPlace? from = start == SlotStart.Alias ? source!.From(Unit)
                    : start == SlotStart.Outer ? new SlotPlace(0, Unit.SlotOfOuter(name))
                    : null;
                entries.Add(new ScopeEntry(slot.Index, from));
            }
        }

        return [.. entries];
    }

    private Slot? Find(string name) => _slots.TryGetValue(name, out Slot? slot) ? slot : _parent?.Find(name);

    private Slot Define(string name, SlotStart start, Slot? source)
    {
        var slot = new Slot(Unit);
        _slots[name] = slot;
        _starts[slot] = (start, source, name);
        return slot;
    }
}

/// <summary>A variable to be set on entering a scope.</summary>
/// <param name="Target">Its slot.</param>
/// <param name="Source">The slot whose value it starts with; null to start unset.</param>
internal readonly record struct ScopeEntry(int Target, SlotPlace? Source);
