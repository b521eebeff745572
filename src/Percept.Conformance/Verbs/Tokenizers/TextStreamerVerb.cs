using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Ids to text word by word.</summary>
internal static class TextStreamerVerb
{
    internal static void Run(RunContext context)
    {
        Tokenizer tokenizer = CaseTokenizer.Open(context);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line => Check(tokenizer, line)));
    }

    private static string? Check(Tokenizer tokenizer, JsonElement line)
    {
        bool skipSpecial = false;
        foreach (JsonProperty setting in line.GetProperty("decode_kwargs").EnumerateObject())
        {
            skipSpecial = setting.Name == "skip_special_tokens"
                ? setting.Value.GetBoolean()
                : throw new InvalidDataException($"The setting '{setting.Name}' is not understood.");
        }

        var streamer = new TextStreamer(tokenizer, line.GetProperty("skip_prompt").GetBoolean(), skipSpecial);
        string? got = streamer.Put(TokenAnswers.Ints(line.GetProperty("prompt_ids")));
        string? problem = TokenAnswers.Text("after_prompt", line.GetProperty("after_prompt").GetString(), got);
        int[] ids = TokenAnswers.Ints(line.GetProperty("ids"));
        JsonElement[] wanted = [.. line.GetProperty("after_each").EnumerateArray()];
        for (int i = 0; i < ids.Length && problem is null; i++)
        {
            problem = TokenAnswers.Text($"after id {i}", wanted[i].GetString(), streamer.Put([ids[i]]));
        }

        return problem ?? TokenAnswers.Text("end", line.GetProperty("end").GetString(), streamer.End());
    }
}
