using System.Numerics;

namespace Percept.Inference;

/// <summary>What an object may hold.</summary>
/// <param name="Names">The names of the properties, numbered.</param>
/// <param name="Rules">The rule of each property; null for one that may not stand there.</param>
/// <param name="Required">A bit for each property that must stand there.</param>
/// <param name="Additional">The rule of properties of other names; null for none.</param>
/// <param name="Least">The least number of properties.</param>
/// <param name="Most">The greatest number of properties; null for any.</param>
internal sealed record ObjectShape(
    NameTrie Names, int?[] Rules, BigInteger Required, int? Additional, int Least, int? Most)
{
    /// <summary>The number of bits that are set.</summary>
    internal static int Count(BigInteger bits) => (int)BigInteger.PopCount(bits);
}
