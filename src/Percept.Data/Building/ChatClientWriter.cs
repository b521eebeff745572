using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace Percept.Data;

/// <summary>Has a language model write instructions from annotations; it sees captions, boxes and relations, never the picture.</summary>
/// <remarks>As safe for several threads as the client is.</remarks>
/// <param name="client">The model: one that runs here, or any other.</param>
/// <param name="options">Settings of the answers; null for the client's own.</param>
public sealed class ChatClientWriter(IChatClient client, ChatOptions? options = null) : IInstructionWriter
{
    private const string Shared =
        "You write training data for a model that sees pictures. You get notes about one picture: captions, objects with boxes "
        + "(left, top, right, bottom as fractions of the picture), attributes and relations. Write as someone who sees the picture. "
        + "Never mention notes, captions, boxes or coordinates. State only what the notes make certain. ";

    private const string Format = "Put each question on a line that begins with 'Q:' and each answer on a line that begins with 'A:'.";

    /// <inheritdoc/>
    /// <remarks>What a model is called is all that its client says of it: the same name may write otherwise tomorrow.</remarks>
    public string Description
    {
        get
        {
            var metadata = client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata;
            using var prompts = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (InstructionKind kind in Enum.GetValues<InstructionKind>())
            {
                HashText.Append(prompts, Prompt(kind));
            }

            return string.Create(
                CultureInfo.InvariantCulture,
                $"model {options?.ModelId ?? metadata?.DefaultModelId ?? "without a name"}, seed {options?.Seed}, temperature {options?.Temperature}, "
                + $"top_p {options?.TopP}, at most {options?.MaxOutputTokens} tokens, prompts {Convert.ToHexStringLower(prompts.GetHashAndReset())[..16]}");
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DataMessage>> WriteAsync(
        AnnotatedImage image, InstructionKind kind, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ChatResponse response = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.System, Prompt(kind)), new ChatMessage(ChatRole.User, Notes(image))], options, cancellation).ConfigureAwait(false);
        return Parse(response.Text);
    }

    /// <summary>What the model is told to do; part of a report.</summary>
    /// <param name="kind">The kind of instruction.</param>
    public static string Prompt(InstructionKind kind) => kind switch
    {
        InstructionKind.Conversation => Shared
            + "Write three to five short questions that a person who looks at the picture might ask, about kinds, numbers, colours, "
            + "places and actions, with their answers. " + Format,
        InstructionKind.Detail => Shared + "Write one question that asks for a thorough description, and as its answer one paragraph "
            + "that gives it. " + Format,
        _ => Shared
            + "Write one question that cannot be answered by naming things, but needs several facts to be brought together, and an "
            + "answer that gives the reasons step by step in one paragraph. "
            + Format,
    };

    /// <summary>The notes about a picture as the model sees them.</summary>
    /// <param name="image">What is known of it.</param>
    public static string Notes(AnnotatedImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var notes = new StringBuilder();
        foreach (string caption in image.Captions)
        {
            notes.Append(CultureInfo.InvariantCulture, $"caption: {caption}\n");
        }

        foreach (AnnotatedObject one in image.Objects)
        {
            notes.Append(CultureInfo.InvariantCulture, $"object: {one.Described}");
            if (image.Width > 0 && image.Height > 0)
            {
                notes.Append(
                    CultureInfo.InvariantCulture,
                    $" [{one.X / image.Width:0.000}, {one.Y / image.Height:0.000}, {(one.X + one.Width) / image.Width:0.000}, "
                    + $"{(one.Y + one.Height) / image.Height:0.000}]");
            }

            notes.Append('\n');
        }

        foreach (string kind in image.Uncountable)
        {
            notes.Append(CultureInfo.InvariantCulture, $"not to be counted: {Wording.Plural(kind)}\n");
        }

        foreach (AnnotatedRelation one in image.Relations)
        {
            notes.Append(
                CultureInfo.InvariantCulture, $"relation: {image.Objects[one.Subject].Name} {one.Predicate} "
                    + $"{image.Objects[one.Object].Name}\n");
        }

        foreach (AnnotatedQuestion one in image.Questions)
        {
            notes.Append(CultureInfo.InvariantCulture, $"known: {one.Question} {one.Answer}\n");
        }

        return notes.ToString();
    }

    private static List<DataMessage> Parse(string text)
    {
        var messages = new List<DataMessage>();
        foreach (string line in text.Split('\n'))
        {
            string trimmed = line.Trim();
            bool isQuestion = trimmed.StartsWith("Q:", StringComparison.OrdinalIgnoreCase);
            if (isQuestion || trimmed.StartsWith("A:", StringComparison.OrdinalIgnoreCase))
            {
                string words = trimmed[2..].Trim();
                messages.Add(isQuestion ? DataMessage.User(words) : DataMessage.Assistant(words));
            }
            else if (trimmed.Length > 0 && messages.Count > 0)
            {
                DataMessage last = messages[^1];
                messages[^1] = last with { Parts = [(last.Text + "\n" + trimmed).Trim()] };
            }
        }

        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i].Role != (i % 2 == 0 ? DataRoles.User : DataRoles.Assistant) || messages[i].Text.Length == 0)
            {
                throw Unread(text);
            }
        }

        return messages.Count > 0 && messages.Count % 2 == 0 ? messages : throw Unread(text);
    }

    private static InvalidDataException Unread(string text) => new(
        $"The writer's answer is no row of 'Q:' and 'A:' lines: '{text[..Math.Min(80, text.Length)].ReplaceLineEndings(" ")}'. Use a "
        + "model that follows instructions.");
}
