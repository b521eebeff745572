using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Prefixes, timestamps and text normalization of Whisper.</summary>
internal static class WhisperVerbs
{
    /// <summary>Task prefixes. As in the reference, a language or task that a line leaves out stays that of the line
    /// before.</summary>
    internal static void Prefix(RunContext context)
    {
        var tokenizer = new WhisperTokenizer(CaseTokenizer.Open(context));
        var prompt = new WhisperPrompt { Language = "en", Task = "transcribe" };
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            prompt = new WhisperPrompt
            {
                Language = line.GetProperty("language").GetString() ?? prompt.Language,
                Task = line.GetProperty("task").GetString() ?? prompt.Task,
                Timestamps = line.GetProperty("predict_timestamps").GetBoolean(),
            };
            return TokenAnswers.Numbers(line, "prefix_tokens", tokenizer.PrefixIds(prompt))
                ?? TokenAnswers.Numbers(line, "ids", tokenizer.Encode(line.GetProperty("text").GetString()!, prompt));
        }));
    }

    /// <summary>Timestamps in ids.</summary>
    internal static void Decode(RunContext context)
    {
        var tokenizer = new WhisperTokenizer(CaseTokenizer.Open(context));
        double precision = context.Args.Number("time_precision", 0.02);
        int window = context.Args.Int("segment_size", 1500);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            int[] ids = TokenAnswers.Ints(line.GetProperty("ids"));
            return TokenAnswers.Text("text", line.GetProperty("text").GetString(), tokenizer.Decode(ids))
                ?? TokenAnswers.Text("skip", line.GetProperty("skip").GetString(), tokenizer.Decode(ids, true))
                ?? TokenAnswers.Text(
                    "with_timestamps",
                    line.GetProperty("with_timestamps").GetString(),
                    tokenizer.DecodeWithTimestamps(ids, false, precision, window))
                ?? TokenAnswers.Text(
                    "skip_with_timestamps",
                    line.GetProperty("skip_with_timestamps").GetString(),
                    tokenizer.DecodeWithTimestamps(ids, true, precision, window))
                ?? Offsets(line, tokenizer.Segments(ids, precision, window));
        }));
    }

    /// <summary>The normalizers of texts that are compared.</summary>
    internal static void Normalize(RunContext context)
    {
        using JsonDocument file = JsonDocument.Parse(context.Bytes(context.Args.Text("spelling")));
        var english = new WhisperEnglishNormalizer(
            file.RootElement.EnumerateObject().ToDictionary(word => word.Name, word => word.Value.GetString()!));
        var basic = new WhisperTextNormalizer();
        var plain = new WhisperTextNormalizer(removeDiacritics: true);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            string text = line.GetProperty("text").GetString()!;
            return TokenAnswers.Text("basic", line.GetProperty("basic").GetString(), basic.Normalize(text))
                ?? TokenAnswers.Text(
                    "basic_remove_diacritics",
                    line.GetProperty("basic_remove_diacritics").GetString(),
                    plain.Normalize(text))
                ?? TokenAnswers.Text("english", line.GetProperty("english").GetString(), english.Normalize(text));
        }));
    }

    private static string? Offsets(JsonElement line, IReadOnlyList<WhisperSegment> got)
    {
        WhisperSegment[] want =
        [
            .. line.GetProperty("offsets").EnumerateArray().Select(item => new WhisperSegment(
                item.GetProperty("text").GetString()!,
                item.GetProperty("timestamp")[0].GetDouble(),
                item.GetProperty("timestamp")[1].GetDouble())),
        ];
        return TokenAnswers.Compare("offsets", want, got);
    }
}
