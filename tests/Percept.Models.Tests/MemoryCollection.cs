using Xunit;

namespace Percept.Models.Tests;

/// <summary>Tests that count what is allocated: the pools are shared, so that nothing may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "Memory";
}
