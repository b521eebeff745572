namespace Percept.Text;

/// <summary>What a Whisper model is asked for.</summary>
public sealed record WhisperPrompt
{
    /// <summary>The language spoken, by code or English name; null when the model is to find out.</summary>
    public string? Language { get; init; }

    /// <summary><c>transcribe</c> or <c>translate</c> (into English); null when the model is to find out.</summary>
    public string? Task { get; init; }

    /// <summary>Whether the model says when words are spoken.</summary>
    public bool Timestamps { get; init; }
}
