namespace Percept.Inference;

/// <summary>
/// Everything that a text so far may mean: states with their stacks. What follows from it is kept once known.
/// </summary>
internal sealed class Configuration
{
    /// <summary>What no text reaches.</summary>
    internal static readonly Configuration s_dead = new([], false);

    internal Configuration((int State, StackNode? Stack)[] items, bool accepts, GrammarRunner? owner = null)
    {
        Items = items;
        Accepts = accepts;
        Owner = owner;
    }

    /// <summary>Whose states these are; null for <see cref="s_dead"/>.</summary>
    internal GrammarRunner? Owner { get; }

    /// <summary>The states that take a byte, in order.</summary>
    internal (int State, StackNode? Stack)[] Items { get; }

    /// <summary>Whether the text may end here.</summary>
    internal bool Accepts { get; }

    /// <summary>What follows each byte, as far as known; null before the first.</summary>
    internal Configuration?[]? Next { get; set; }

    /// <summary>The tokens that may follow, as bits; null before they are asked for.</summary>
    internal ulong[]? Mask { get; set; }
}
