namespace Percept.TestSupport;

/// <summary>A parser to be fed with broken input.</summary>
/// <param name="Name">The parser's name.</param>
/// <param name="Seeds">Valid inputs that are mutated; made in code or taken from the repository's golden cases.</param>
/// <param name="Parse">Parses an input; must return or throw one of <see cref="Fuzzer.IsTyped"/>.</param>
/// <param name="MaxAllocation">The bytes that one case may allocate on the GC heap.</param>
public sealed record FuzzTarget(string Name, Func<IReadOnlyList<byte[]>> Seeds, Action<byte[]> Parse, long MaxAllocation);
