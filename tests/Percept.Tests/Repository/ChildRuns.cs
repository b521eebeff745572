using Xunit;

namespace Percept.Tests.Repository;

/// <summary>Child processes use all processors; nothing else of this suite runs beside them.</summary>
[CollectionDefinition(nameof(ChildRuns), DisableParallelization = true)]
public static class ChildRuns;
