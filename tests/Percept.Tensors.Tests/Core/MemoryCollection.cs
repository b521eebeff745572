using Xunit;

namespace Percept.Tensors.Tests.Core;

/// <summary>Tests that measure memory or change the shared pool, and so run while no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "Memory";
}
