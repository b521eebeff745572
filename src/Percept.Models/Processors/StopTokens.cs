using System.Text.Json;
using Percept.Text;

namespace Percept.Models;

/// <summary>Finds the ids that end an answer.</summary>
internal static class StopTokens
{
    private const string Answer = "Xyzzy";
    private const string Key = "eos_token_id";

    /// <summary>
    /// The end tokens of <c>generation_config.json</c> (of <c>config.json</c> where that file does not tell), that of the
    /// tokenizer, and the control token that the chat template writes behind an answer.
    /// </summary>
    /// <param name="files">The checkpoint's files.</param>
    /// <param name="hasMedia">Whether messages are lists of parts rather than texts.</param>
    internal static IReadOnlyCollection<int> Find(ProcessorFiles files, bool hasMedia)
    {
        var ids = new SortedSet<int>();
        JsonElement? generation = JsonSettings.Find(files.Folder, "generation_config.json");
        Add(ids, generation);
        if (ids.Count == 0 && files.Config is { } config)
        {
            Add(ids, config.Values);
            Add(ids, config.Values.TryGetProperty("text_config", out JsonElement text) ? text : null);
        }

        Add(ids, files.Tokenizer.TokenId("eos_token"));
        Add(ids, OfTemplate(files.Tokenizer, hasMedia));
        return ids;
    }

    /// <summary>The control token that a chat template writes behind an answer; null where it writes none.</summary>
    internal static int? OfTemplate(LoadedTokenizer tokenizer, bool hasMedia)
    {
        foreach (bool parts in (ReadOnlySpan<bool>)[hasMedia, !hasMedia])
        {
            string text;
            try
            {
                text = tokenizer.RenderChat(new ChatTemplateInput
                {
                    Messages = TemplateValue.List(Message("user", "x", parts), Message("assistant", Answer, parts)),
                }).Text;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
            catch (TemplateException)
            {
                // A template may want its messages in the other form, or refuse this conversation.
                continue;
            }

            int at = text.LastIndexOf(Answer, StringComparison.Ordinal);
            if (at >= 0)
            {
                int[] behind = tokenizer.Tokenizer.EncodeIds(
                    text.AsSpan(at + Answer.Length).TrimStart(), addSpecialTokens: false, allowSpecial: true);
                return behind.Length > 0 && tokenizer.Tokenizer.IsSpecial(behind[0]) ? behind[0] : null;
            }
        }

        return null;
    }

    private static TemplateValue Message(string role, string text, bool parts) => TemplateValue.Dict(
        ("role", role),
        ("content", parts ? TemplateValue.List(TemplateValue.Dict(("type", "text"), ("text", text))) : text));

    private static void Add(SortedSet<int> ids, int? id)
    {
        if (id is { } known)
        {
            ids.Add(known);
        }
    }

    private static void Add(SortedSet<int> ids, JsonElement? settings)
    {
        if (settings is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty(Key, out JsonElement value))
        {
            return;
        }

        JsonElement[] values = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        foreach (JsonElement one in values)
        {
            if (JsonSettings.TryInt(one, out int id) && id >= 0)
            {
                ids.Add(id);
            }
        }
    }
}
