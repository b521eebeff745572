using System.Text.Json;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>
/// Prompts with <c>&lt;image&gt;</c> → ids as LLaVA's own code makes them: of a <c>file</c> of <c>{prompt, input_ids}</c>, or of one
/// <c>prompt</c>.
/// </summary>
internal static class TokenizeImagePromptVerb
{
    internal static void Run(RunContext context)
    {
        LoadedTokenizer tokenizer = TokenizerLoader.FromFolder(context.PathOf("checkpoint"));
        int mark = context.Args.Int("image_token_index", MarkedPrompt.ImageId);
        if (context.Args.Find("prompt") is { } prompt)
        {
            IReadOnlyList<int> ids = MarkedPrompt.Encode(tokenizer, prompt.GetString()!, mark);
            context.Give("input_ids", Tensor.From<long>([.. ids.Select(static id => (long)id)], [1, ids.Count]));
            return;
        }

        string file = context.Args.Text("file");
        using JsonDocument lines = JsonDocument.Parse(context.Bytes(file));
        context.JudgeAll("input_ids", lines.RootElement.EnumerateArray().Select(line => TokenAnswers.Compare(
            $"'{line.GetProperty("prompt").GetString()}'",
            [.. line.GetProperty("input_ids").EnumerateArray().Select(static id => id.GetInt32())],
            [.. MarkedPrompt.Encode(tokenizer, line.GetProperty("prompt").GetString()!, mark)])).ToArray());
    }
}
