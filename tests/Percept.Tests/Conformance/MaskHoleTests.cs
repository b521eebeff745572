using Percept.Conformance;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Conformance;

/// <summary>
/// Masks that hide places inside a text. The wanted numbers are those of a restatement of the layers in PyTorch, which gives
/// the recorded answers of the same checkpoints to 3e-6.
/// </summary>
public sealed class MaskHoleTests : IDisposable
{
    private static readonly long[] s_ids = [28, 42, 49, 32, 57, 17, 68, 49, 45, 39, 7, 14];
    private static readonly long[] s_mask = [0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1];
    private static readonly long[] s_positions = [0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AWindowCountsHiddenPlaces()
    {
        // Without the hole, or with it closed, the numbers differ by 0.4 and more.
        float[] logits =
        [
            -0.06524f, 0.99076f, -0.72757f, 0.99816f, -1.32461f, 1.89257f, 0.08635f, 1.19273f, -0.3187f, 0.57858f,
            0.41464f, -1.06542f, -0.33991f, -0.24891f, -0.19565f, -0.70437f, -0.15192f, 0.63708f, 0.32462f, -0.8058f,
            0.56326f, -0.81331f, -0.9475f, 2.16087f, -0.58549f, 0.69452f, 0.61694f, -1.29025f, 0.22834f, -0.54385f,
            -1.16356f, 0.18776f, 0.99616f, -1.07797f, 0.70551f, 2.74977f, -0.09794f, -0.92285f, -0.73515f, 0.36035f,
            0.87392f, -0.47071f, -0.76157f, 1.91422f, -0.61762f, 0.9463f, -1.68592f, 1.24706f, -1.01391f, 0.75459f,
            0.86751f, 0.38657f, 0.2546f, -1.74544f, 0.07361f, 1.27815f, -0.09589f, -0.1872f, 0.14578f, -1.17836f,
            -0.49162f, -0.44188f, -0.5103f, 0.89339f, -0.45103f, 0.44698f, -1.28104f, 0.17746f, -0.57477f, 0.00769f,
            -0.88802f, 0.09978f,
        ];
        CaseBuilder made = Case("mistral/sliding", "forward", """{"logits_to_keep": 1}""");
        made.Inputs["position_ids"] = Row(s_positions);
        made.Tolerance = """{"atol": 0.0001, "rtol": 0.0001}""";
        made.Outputs["logits"] = Tensor.From(logits, [1, 1, 72]);
        Matches(made);
    }

    [Fact]
    public void GenerationGoesOnBehindAHole()
    {
        CaseBuilder made = Case("llama/default", "generate", """{"do_sample": false, "max_new_tokens": 8, "min_new_tokens": 8}""");
        made.Tolerance = """{"exact": true}""";
        made.Outputs["sequences"] = Row([.. s_ids, 45, 30, 49, 21, 45, 61, 7, 69]);
        Matches(made);
    }

    [Theory]
    [InlineData("[12]")]
    [InlineData("[1, 5, 1, 5]")]
    [InlineData("[6, 6]")]
    public void ACacheLeavesHiddenPlacesOut(string chunks)
    {
        CaseBuilder whole = Case("llama/default", "forward", "{}");
        CaseBuilder cached = Case("llama/default", "forward_cached", $$"""{"chunks": {{chunks}}}""");
        Tensor logits = Tensor.From(new float[12 * 72], [1, 12, 72]);
        foreach (CaseBuilder made in (CaseBuilder[])[whole, cached])
        {
            made.Inputs["position_ids"] = Row(s_positions);
            made.Outputs["logits"] = logits;
        }

        // Against zeros both are wrong by the same numbers at the same place.
        Assert.Equal(Error(whole), Error(cached), 4);
    }

    [Theory]
    [InlineData("mistral/sliding", "generate", """{"do_sample": false, "max_new_tokens": 2}""", "sequences", 5, "window")]
    [InlineData("mistral/sliding", "forward_cached", """{"chunks": [12]}""", "logits", 5, "window")]
    [InlineData("llama/default", "generate", """{"do_sample": false, "max_new_tokens": 2}""", "sequences", 11, "right")]
    public void WhatASessionCannotFollowIsNotRun(string model, string verb, string args, string output, int hidden, string said)
    {
        CaseBuilder made = Case(model, verb, args);
        long[] mask = [.. Enumerable.Range(0, 12).Select(place => place == hidden ? 0L : 1)];
        made.Inputs["attention_mask"] = Row(mask);
        made.Tolerance = """{"exact": true}""";
        made.Outputs[output] = Row([1]);
        RunResult run = CaseRunner.Run(made.Write()).Runs[0];
        Assert.Equal(RunStatus.NotRun, run.Status);
        Assert.Contains(said, run.Problem, StringComparison.Ordinal);
    }

    private static Tensor Row(long[] values) => Tensor.From(values, [1, values.Length]);

    private static double Error(CaseBuilder made) => CaseRunner.Run(made.Write()).Runs[0].Outputs[0].Error!.Value;

    private static void Matches(CaseBuilder made)
    {
        CaseResult result = CaseRunner.Run(made.Write());
        Assert.True(result.Matches, result.Runs[0].Problem ?? result.Runs[0].Outputs[0].Problem);
    }

    private CaseBuilder Case(string model, string verb, string args)
    {
        string folder = _folder.File(Guid.NewGuid().ToString("n"));
        Directory.CreateDirectory(Path.Combine(folder, "checkpoint"));
        string from = Path.Combine(CaseFinder.FindCopies()!, "text", model, "checkpoint");
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(folder, "checkpoint", Path.GetFileName(file)));
        }

        var made = new CaseBuilder(folder) { Verb = verb, Args = args };
        made.Inputs["input_ids"] = Row(s_ids);
        made.Inputs["attention_mask"] = Row(s_mask);
        return made;
    }
}
