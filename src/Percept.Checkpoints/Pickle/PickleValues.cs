namespace Percept.Checkpoints;

/// <summary>The name of something in Python; never anything that runs.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A list or a set.</summary>
internal sealed class PickleList
{
    internal List<object?> Items { get; } = [];
}

/// <summary>A dictionary; the same key may stand there twice, as the file may say so.</summary>
internal sealed class PickleDict
{
    internal List<KeyValuePair<object?, object?>> Items { get; } = [];
}
