namespace Percept.Data;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks: one of <see cref="DataRoles"/>.</param>
/// <param name="Parts">Texts and media in the order in which they stand.</param>
public sealed record DataMessage(string Role, IReadOnlyList<DataPart> Parts)
{
    /// <summary>Whether a model is to learn to write this message; true for the assistant's, unless the file says otherwise.</summary>
    public bool IsSupervised { get; init; } = Role == DataRoles.Assistant;

    /// <summary>The texts of the message, joined without anything between.</summary>
    public string Text => Parts.Count == 1 && Parts[0].Text is { } only ? only : string.Concat(Parts.Select(part => part.Text));

    /// <summary>The media of the message in order.</summary>
    public IEnumerable<MediaReference> Media => Parts.Select(part => part.Media).OfType<MediaReference>();

    /// <summary>Standing instructions.</summary>
    /// <param name="text">The text.</param>
    public static DataMessage System(string text) => new(DataRoles.System, [text]);

    /// <summary>A question.</summary>
    /// <param name="parts">Texts and media.</param>
    public static DataMessage User(params IReadOnlyList<DataPart> parts) => new(DataRoles.User, parts);

    /// <summary>An answer.</summary>
    /// <param name="parts">Texts, and media where a model writes such.</param>
    public static DataMessage Assistant(params IReadOnlyList<DataPart> parts) => new(DataRoles.Assistant, parts);

    /// <summary>The message in one line, for error messages.</summary>
    public override string ToString() => $"{Role}: {string.Concat(Parts)}";
}
