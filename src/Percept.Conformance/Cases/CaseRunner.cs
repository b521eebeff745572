using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs golden cases and compares every output.</summary>
public static class CaseRunner
{
    /// <summary>Runs a case. Whatever goes wrong inside is part of the result.</summary>
    /// <param name="folder">The case's folder.</param>
    public static CaseResult Run(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        GoldenCase golden;
        try
        {
            golden = GoldenCase.Read(folder);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return new(folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), [], error.Message);
        }

        using var tensors = new CaseTensors(folder, golden.Checkpoint);
        if (Unusable(golden, tensors) is { } problem)
        {
            return new(folder, golden.Id, [], problem);
        }

        return new(folder, golden.Id, [.. golden.Runs.Select(run => Run(run, tensors))], null);
    }

    /// <summary>What keeps every run of a case from being judged; null when nothing does.</summary>
    private static string? Unusable(GoldenCase golden, CaseTensors tensors)
    {
        if (golden.Runs.Count == 0)
        {
            return "the case has no runs";
        }

        string? problem = golden.Runs.Any(run => run.Inputs.Count > 0) ? tensors.ProblemOf("inputs.safetensors") : null;
        return problem
            ?? (golden.Runs.Any(run => run.Outputs.Count > 0) ? tensors.ProblemOf("outputs.safetensors") : null);
    }

    private static RunResult Run(GoldenRun run, CaseTensors tensors)
    {
        if (!VerbTable.Verbs.TryGetValue(run.Verb, out Action<RunContext>? verb))
        {
            return new(run.Name, run.Verb, RunStatus.NotRun, [], $"there is no verb '{run.Verb}'");
        }

        try
        {
            using TensorScope scope = TensorScope.Open();
            var context = new RunContext(run, tensors);
            verb(context);
            context.RequireAllUnderstood();
            IReadOnlyList<OutputResult> outputs = context.Judged ?? Compare(context);
            bool matched = outputs.Count > 0 && outputs.All(output => output.Matches);
            return new(
                run.Name,
                run.Verb,
                matched ? RunStatus.Matched : RunStatus.Failed,
                outputs,
                outputs.Count == 0 ? "the case wants no output" : null);
        }
        catch (NotUnderstoodException unknown)
        {
            return new(run.Name, run.Verb, RunStatus.NotRun, [], unknown.Message);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Any error of a run is that run's result; the other runs go on.
            return new(run.Name, run.Verb, RunStatus.Failed, [], $"{error.GetType().Name}: {error.Message}");
        }
        finally
        {
            Gradients.Discard();
        }
    }

    private static OutputResult[] Compare(RunContext context) =>
    [
        .. context.Run.Outputs.Select(output => Comparison.Compare(
            output.Key,
            context.Given.TryGetValue(output.Key, out Tensor got) ? got : null,
            context.WantToCompare(output.Key),
            output.Value)),
    ];
}
