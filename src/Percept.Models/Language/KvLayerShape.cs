namespace Percept.Models;

/// <summary>What a layer's attention remembers of a token.</summary>
/// <param name="Heads">Heads of keys and values.</param>
/// <param name="KeySize">Channels of a key's head.</param>
/// <param name="ValueSize">Channels of a value's head.</param>
public readonly record struct KvLayerShape(int Heads, int KeySize, int ValueSize)
{
    /// <summary>Numbers in a token's keys.</summary>
    public int KeyRow => Heads * KeySize;

    /// <summary>Numbers in a token's values.</summary>
    public int ValueRow => Heads * ValueSize;
}
