namespace Percept.Bench.Inputs;

/// <summary>One kind of input, measured against a peer or against a reference figure.</summary>
internal sealed record InputBench
{
    /// <summary>What is measured.</summary>
    internal required string Name { get; init; }

    /// <summary>What a unit of work is: <c>MP</c>, <c>MB</c>, <c>Mtok</c>, <c>run</c>.</summary>
    internal required string Unit { get; init; }

    /// <summary>Units of work that one call does.</summary>
    internal required double Work { get; init; }

    /// <summary>Does the work once.</summary>
    internal required Action Run { get; init; }

    /// <summary>How many times the peer's speed is asked for.</summary>
    internal required double Bar { get; init; }

    /// <summary>
    /// Units a second that the reference implementation reaches on one core whose fp32 peak is
    /// <see cref="InputsCommand.ReferencePeak"/>.
    /// </summary>
    internal required double Reference { get; init; }

    /// <summary>Who the reference is.</summary>
    internal required string Peer { get; init; }

    /// <summary>The peer's task; empty when it can only be compared with the reference figure.</summary>
    internal string Task { get; init; } = "";

    /// <summary>The files or texts of the peer's task.</summary>
    internal IReadOnlyList<string> Arguments { get; init; } = [];
}
