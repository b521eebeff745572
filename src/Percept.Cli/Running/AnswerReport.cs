using System.Globalization;
using System.Text.Json;
using Percept.Inference;

namespace Percept.Cli;

/// <summary>An answer with what it took, as text and as JSON.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="Usage">Tokens and times.</param>
/// <param name="Files">The files with the tokens that each takes.</param>
/// <param name="Loading">The time to load the model.</param>
/// <param name="FollowsFormat">Whether it follows the schema or regular expression to its end; null where none was given.</param>
internal sealed record AnswerReport(
    string Text, FinishReason Finish, EngineUsage Usage, IReadOnlyList<(string File, int Tokens)> Files, TimeSpan Loading,
    bool? FollowsFormat)
{
    /// <summary>What is wrong with an answer that was cut before it followed its schema or regular expression; null where nothing is.</summary>
    internal string? Broken => FollowsFormat != false ? null
        : "the answer does not follow the schema or regular expression to its end: it was cut " + (Finish switch
        {
            FinishReason.Length => $"after {Usage.GeneratedTokens} tokens; allow more with --max-tokens",
            FinishReason.StopString => "at a stop text; leave out --stop",
            _ => "at the time limit of the model's settings",
        });

    /// <summary>Why it ended, in a word.</summary>
    internal string FinishName => Finish switch
    {
        FinishReason.EndOfSequence => "end",
        FinishReason.StopString => "stop",
        FinishReason.Length => "length",
        _ => "time",
    };

    /// <summary>One line about times and tokens.</summary>
    internal string Summary()
    {
        var parts = new List<string>();
        if (Loading > TimeSpan.Zero)
        {
            parts.Add($"load {Seconds(Loading)}");
        }

        if (Usage.MediaTokens > 0)
        {
            parts.Add($"encode {Seconds(Usage.Encoding)}");
        }

        parts.Add(Invariant($"prefill {Seconds(Usage.Prefill)} ({Usage.PromptTokens - Usage.ReusedTokens} tokens, {Usage.PrefillRate:0.#} tok/s)"));
        if (Usage.ReusedTokens > 0)
        {
            parts.Add(Invariant($"{Usage.ReusedTokens} tokens reused"));
        }

        parts.Add(Invariant($"decode {Seconds(Usage.Decoding)} ({Usage.GeneratedTokens} tokens, {Usage.DecodeRate:0.#} tok/s)"));
        foreach ((string file, int tokens) in Files)
        {
            parts.Add(Invariant($"{Path.GetFileName(file)}: {tokens} tokens"));
        }

        if (Finish is FinishReason.Length or FinishReason.Time)
        {
            parts.Add(Finish == FinishReason.Length ? "cut at the greatest length" : "cut at the time limit");
        }

        return string.Join(" · ", parts);
    }

    /// <summary>Writes everything as one object.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("answer", Text);
        json.WriteString("finish", FinishName);
        if (FollowsFormat is { } follows)
        {
            json.WriteBoolean("follows_format", follows);
        }

        json.WriteStartArray("media");
        foreach ((string file, int tokens) in Files)
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteNumber("tokens", tokens);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", Usage.PromptTokens);
        json.WriteNumber("media_tokens", Usage.MediaTokens);
        json.WriteNumber("reused_tokens", Usage.ReusedTokens);
        json.WriteNumber("generated_tokens", Usage.GeneratedTokens);
        json.WriteEndObject();
        WriteTimes(json);
        json.WriteEndObject();
    }

    /// <summary>Writes the times and rates as members of an object that stands open.</summary>
    internal void WriteTimes(Utf8JsonWriter json)
    {
        json.WriteStartObject("seconds");
        json.WriteNumber("load", Loading.TotalSeconds);
        json.WriteNumber("encode", Usage.Encoding.TotalSeconds);
        json.WriteNumber("prefill", Usage.Prefill.TotalSeconds);
        json.WriteNumber("decode", Usage.Decoding.TotalSeconds);
        json.WriteEndObject();
        json.WriteNumber("prefill_tokens_per_second", Usage.PrefillRate);
        json.WriteNumber("decode_tokens_per_second", Usage.DecodeRate);
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds < 1
        ? Invariant($"{time.TotalMilliseconds:0} ms")
        : Invariant($"{time.TotalSeconds:0.00} s");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
