using Percept.Conformance;
using Xunit;

namespace Percept.Tests.Conformance;

/// <summary>The repository's copies of golden cases, and the full pack where it is present.</summary>
public class GoldenCaseTests
{
    private static readonly string s_copies =
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens.");

    public static TheoryData<string> Copies() =>
        [.. CaseFinder.Find(s_copies).Select(folder => Path.GetRelativePath(s_copies, folder).Replace('\\', '/'))];

    /// <summary>What of the full pack is run where it is present, beside the copies.</summary>
    private static readonly string[] s_packGroups =
    [
        "media", "processors", "templates", "tokenizers", "text", "llava", "training/ops", "training/optim", "training/losses",
        "training/quantized_base", "training/llava-1.5", "training/llama", "training/clip", "training/siglip", "training/vit", "training/bert",
        "training/mixtral", "training/qwen3_moe", "training/beit", "training/blip", "training/vit_mae/plain", "encoders/ops", "encoders/clip",
        "encoders/siglip", "encoders/siglip2", "encoders/dinov2", "encoders/dinov2_with_registers", "encoders/vit",
        "encoders/vit_mae",
    ];

    public static TheoryData<string> PackCases()
    {
        string? pack = CaseFinder.FindPack();
        return pack is null
            ? []
            :
            [
                .. s_packGroups.Select(group => Path.Combine(pack, group)).Where(Directory.Exists).SelectMany(CaseFinder.Find)
                    .Select(folder => Path.GetRelativePath(pack, folder).Replace('\\', '/'))
                    .Except(Copies().Select(row => row.Data)),
            ];
    }

    /// <summary>Runs that need what is not built yet, by case (null for all) and verb (null for all). Every other run must match.</summary>
    private static readonly (string? Case, string? Verb)[] s_later =
    [
        ("text/gguf/mmproj-qwen2vl", null),
    ];

    [Theory]
    [MemberData(nameof(Copies))]
    public void TheCaseMatches(string name) => Check(Path.Combine(s_copies, name));

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(PackCases))]
    public void TheCaseOfThePackMatches(string name) => Check(Path.Combine(CaseFinder.FindPack()!, name));

    [Fact]
    public void WhatComesLaterIsInThePack()
    {
        string? pack = CaseFinder.FindPack();
        Assert.SkipWhen(pack is null, "The full pack is not here.");
        foreach ((string? name, string? _) in s_later.Where(later => later.Case is not null))
        {
            Assert.True(File.Exists(Path.Combine(pack, name!, CaseFinder.FileName)), name);
        }
    }

    private static void Check(string folder)
    {
        CaseResult result = CaseRunner.Run(folder);
        Assert.Null(result.Problem);
        Assert.NotEmpty(result.Runs);
        string[] problems =
        [
            .. result.Runs.Where(run => run.Status != RunStatus.Matched && !ComesLater(result.Id, run)).Select(run =>
                $"{run.Name}: {run.Status} {run.Problem} " +
                string.Join("; ", run.Outputs.Where(o => !o.Matches).Select(o => $"{o.Name} {o.Problem}"))),
        ];
        Assert.True(problems.Length == 0, string.Join('\n', problems));
        Assert.True(result.Matches || result.Runs.Any(run => ComesLater(result.Id, run)));
    }

    /// <summary>Whether a run is one of those that come later; one that was run and gave other numbers is wrong all the same.</summary>
    private static bool ComesLater(string id, RunResult run) =>
        run.Outputs.Count == 0
        && s_later.Any(later => (later.Case is null || later.Case == id) && (later.Verb is null || later.Verb == run.Verb));

    [Theory]
    [InlineData("training/ops", 9)]
    [InlineData("training/optim", 3)]
    [InlineData("training/losses", 7)]
    [InlineData("training/quantized_base", 1)]
    [InlineData("text/ops", 1)]
    [InlineData("text/gguf", 2)]
    [InlineData("text/logits-process", 1)]
    [InlineData("text/llama", 4)]
    [InlineData("text/mistral", 1)]
    [InlineData("text/qwen2", 1)]
    [InlineData("text/qwen3", 1)]
    [InlineData("text/gemma", 1)]
    [InlineData("text/gemma2", 1)]
    [InlineData("text/gemma3_text", 1)]
    [InlineData("text/phi3", 1)]
    [InlineData("text/olmo2", 1)]
    [InlineData("text/mixtral", 1)]
    [InlineData("text/qwen2_moe", 1)]
    [InlineData("text/qwen3_moe", 1)]
    [InlineData("text/deepseek_v2", 1)]
    [InlineData("text/deepseek_v3", 1)]
    [InlineData("text/internlm2", 1)]
    [InlineData("text/gpt2", 1)]
    [InlineData("text/opt", 2)]
    [InlineData("text/bert", 2)]
    [InlineData("text/roberta", 1)]
    [InlineData("text/t5", 2)]
    [InlineData("text/bart", 1)]
    [InlineData("text/generation", 3)]
    [InlineData("encoders", 34)]
    [InlineData("templates", 10)]
    [InlineData("tokenizers", 34)]
    [InlineData("media", 51)]
    [InlineData("processors", 2)]
    [InlineData("llava", 25)]
    public void EveryGroupIsThere(string group, int cases) =>
        Assert.Equal(cases, CaseFinder.Find(Path.Combine(s_copies, group)).Count);

    [Fact]
    public void TheCopiesAreThePacksBytes()
    {
        string? pack = CaseFinder.FindPack();
        if (pack is null)
        {
            Assert.Skip($"The full pack is not here; name its folder in {CaseFinder.PackVariable} to compare.");
        }

        foreach (string name in Copies().Select(row => row.Data))
        {
            string[] wanted = Files(Path.Combine(pack, name));
            Assert.Equal(wanted, Files(Path.Combine(s_copies, name)));
            foreach (string file in wanted)
            {
                byte[] original = File.ReadAllBytes(Path.Combine(pack, name, file));
                Assert.True(original.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(s_copies, name, file))),
                    $"{name}/{file}");
            }
        }
    }

    private static string[] Files(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal),
    ];
}
