using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// What one operator of a case works with. Inputs are copies, so that an operator may want a gradient for them.
/// </summary>
/// <remarks>
/// Groups of cases name the same input or output differently (<c>input</c>, <c>x</c>; <c>output</c>, <c>y</c>), so
/// inputs are asked for by all their names and the main output answers to both of its own.
/// </remarks>
internal sealed class OpRun
{
    private static readonly string[] s_mainOutputs = ["output", "y"];

    private readonly RunContext _context;
    private readonly Dictionary<string, Tensor> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leaves;

    internal OpRun(RunContext context, IEnumerable<string> leaves)
    {
        _context = context;
        _leaves = [.. leaves];
    }

    internal RunArgs Args => _context.Args;

    /// <summary>The operator's outputs by name.</summary>
    internal IReadOnlyDictionary<string, Tensor> Outputs => _outputs;

    /// <summary>Whether the run wants an output of this name.</summary>
    internal bool Wants(string output) => _context.Wants(output);

    /// <summary>The first of several names that the run has an input for; an error when there is none.</summary>
    internal Tensor Input(params ReadOnlySpan<string> names) =>
        Optional(names) ?? throw new InvalidDataException($"The input '{string.Join("' or '", names!)}' is missing.");

    /// <summary>The first of several names that the run has an input for; null when there is none.</summary>
    internal Tensor? Optional(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (_inputs.TryGetValue(name, out Tensor known))
            {
                return known;
            }

            if (_context.Find(name) is { } stored)
            {
                Tensor copy = Ops.Clone(stored);
                _inputs.Add(name, _leaves.Contains(name) ? copy.RequireGrad() : copy);
                return copy;
            }
        }

        return null;
    }

    /// <summary>The names of the inputs that begin with a prefix and are no upstream gradients, in order.</summary>
    internal IEnumerable<string> InputNames(string prefix = "") => _context.Run.Inputs.Where(name =>
        name.StartsWith(prefix, StringComparison.Ordinal) && !name.StartsWith("grad_output", StringComparison.Ordinal));

    /// <summary>Gives the main output.</summary>
    internal void Give(Tensor output) => _outputs[s_mainOutputs.FirstOrDefault(Wants) ?? s_mainOutputs[0]] = output;

    /// <summary>Gives an output of a name.</summary>
    internal void Give(string name, Tensor output) => _outputs[name] = output;

    /// <summary>The gradient of an input: zeros where nothing flowed to it.</summary>
    internal Tensor GradientOf(string input)
    {
        if (!_inputs.TryGetValue(input, out Tensor leaf))
        {
            throw new InvalidDataException($"The input '{input}', whose gradient is wanted, is not understood.");
        }

        return leaf.Grad ?? Ops.Zeros(leaf.Shape);
    }
}
