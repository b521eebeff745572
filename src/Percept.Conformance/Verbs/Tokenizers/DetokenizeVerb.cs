using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Ids to texts.</summary>
internal static class DetokenizeVerb
{
    internal static void Run(RunContext context)
    {
        if (TokenizerEngines.Find(context.Args) is { } engine)
        {
            engine.Detokenize(context);
            return;
        }

        Tokenizer tokenizer = CaseTokenizer.Open(context);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            int[] ids = TokenAnswers.Ints(line.GetProperty("ids"));
            return TokenAnswers.Text(
                    "text", line.GetProperty("text").GetString(), CaseTokenizer.Decode(context, tokenizer, ids, false))
                ?? TokenAnswers.Text(
                    "text_skip", line.GetProperty("text_skip").GetString(),
                    CaseTokenizer.Decode(context, tokenizer, ids, true));
        }));
    }

    /// <summary>Ids one at a time.</summary>
    internal static void RunStream(RunContext context)
    {
        Tokenizer tokenizer = CaseTokenizer.Open(context);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line => CheckStream(tokenizer, line)));
    }

    private static string? CheckStream(Tokenizer tokenizer, JsonElement line)
    {
        int[] ids = TokenAnswers.Ints(line.GetProperty("ids"));
        JsonElement[] chunks = [.. line.GetProperty("chunks").EnumerateArray()];
        DecodeStream stream = tokenizer.CreateDecodeStream(line.GetProperty("skip_special_tokens").GetBoolean());
        for (int i = 0; i < ids.Length; i++)
        {
            // From here on the reference has no answer.
            if (chunks[i].ValueKind == JsonValueKind.Object)
            {
                return null;
            }

            if (TokenAnswers.Text($"chunk {i}", chunks[i].GetString(), stream.Step(ids[i])) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }
}
