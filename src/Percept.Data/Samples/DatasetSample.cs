using System.Security.Cryptography;

namespace Percept.Data;

/// <summary>One sample of a dataset: a conversation with its media, and what training on it needs besides.</summary>
public sealed record DatasetSample
{
    /// <summary>The sample's own name in its dataset; one that the file does not name is called by its line or index.</summary>
    public required string Id { get; init; }

    /// <summary>Where it comes from, for error messages.</summary>
    public SampleSource Source { get; init; }

    /// <summary>The conversation; for preference pairs without the last answer.</summary>
    public required IReadOnlyList<DataMessage> Messages { get; init; }

    /// <summary>The media of the conversation in the order of the parts they stand in.</summary>
    public IEnumerable<MediaReference> Media => Messages.SelectMany(message => message.Media);

    /// <summary>The better continuation of the conversation, in preference pairs; else null.</summary>
    public IReadOnlyList<DataMessage>? Chosen { get; init; }

    /// <summary>The worse continuation of the conversation, in preference pairs; else null.</summary>
    public IReadOnlyList<DataMessage>? Rejected { get; init; }

    /// <summary>Whether the last answer is a good one, where single answers are judged; else null.</summary>
    public bool? IsDesirable { get; init; }

    /// <summary>
    /// Whether each answer belongs to the question before it alone, as where several independent questions are asked about one picture: what
    /// stands in between is no part of the conversation.
    /// </summary>
    public bool TurnsApart { get; init; }

    /// <summary>How many messages at the beginning, ending with an answer, all turns follow on where <see cref="TurnsApart"/> is; 0 for the media alone.</summary>
    public int CommonMessages { get; init; }

    /// <summary>Whether learned answers are put together from the tokens of single letters, as a model that reads letter by letter will say them.</summary>
    public bool AnswersByLetter { get; init; }

    /// <summary>The tools that the assistant may call, as JSON; null for none.</summary>
    public string? Tools { get; init; }

    /// <summary>The name of the class, in classification; else null.</summary>
    public string? Label { get; init; }

    /// <summary>The index of the class, in classification; else null.</summary>
    public int? LabelIndex { get; init; }

    /// <summary>What describes the picture, in pairs of picture and caption; else null.</summary>
    public string? Caption { get; init; }

    /// <summary>
    /// A hash of roles, texts and of the contents of all media: equal for samples that say the same about the same media, whatever
    /// they are called and wherever they lie. Reads the media.
    /// </summary>
    /// <returns>64 hexadecimal digits (SHA-256).</returns>
    /// <exception cref="IOException">A medium cannot be read.</exception>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, "messages", Messages);
        Append(hash, "chosen", Chosen);
        Append(hash, "rejected", Rejected);
        HashText.Append(hash, IsDesirable?.ToString());
        HashText.Append(hash, Tools);
        HashText.Append(hash, Label);
        HashText.Append(hash, Caption);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The sample's place and name, for error messages.</summary>
    public override string ToString() => $"sample '{Id}' ({Source})";

    private static void Append(IncrementalHash hash, string name, IReadOnlyList<DataMessage>? messages)
    {
        HashText.Append(hash, name);
        foreach (DataMessage message in messages ?? [])
        {
            HashText.Append(hash, message.Role);
            foreach (DataPart part in message.Parts)
            {
                HashText.Append(hash, part.Text ?? part.Media!.ContentHash());
            }
        }
    }
}
