using System.Text.Json;

namespace Percept.Cli;

/// <summary>What became of a file that was to be described.</summary>
/// <param name="File">The file.</param>
/// <param name="Answer">The text with what it took; null when there is none.</param>
/// <param name="Problem">Why there is none, in one line; null otherwise.</param>
internal sealed record Caption(string File, AnswerReport? Answer, string? Problem)
{
    /// <summary>Writes it as one object.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("file", File);
        if (Answer is { } answer)
        {
            json.WriteString("caption", answer.Text.Trim());
            json.WriteString("finish", answer.FinishName);
            if (answer.FollowsFormat is { } follows)
            {
                json.WriteBoolean("follows_format", follows);
            }

            json.WriteNumber("media_tokens", answer.Usage.MediaTokens);
            json.WriteNumber("prompt_tokens", answer.Usage.PromptTokens);
            json.WriteNumber("generated_tokens", answer.Usage.GeneratedTokens);
            answer.WriteTimes(json);
        }
        else
        {
            json.WriteString("error", Problem);
        }

        json.WriteEndObject();
    }
}
