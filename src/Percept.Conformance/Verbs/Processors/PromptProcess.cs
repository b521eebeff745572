using System.Text.Json;
using Percept.Models;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>
/// Runs the processor of a whole model on texts (<c>text</c>) or conversations (<c>messages</c>) and their media. What is given
/// beside the ids, the kind of processor says.
/// </summary>
internal static class PromptProcess
{
    /// <summary>Every kind of processor of whole models: one line each.</summary>
    private static readonly (Func<IProcessor, bool> Takes, Action<RunContext, IProcessor, PromptBatch> Run)[] s_kinds =
    [
        (model => model is LlavaProcessor, (context, model, batch) => LlavaProcess.Run(context, (LlavaProcessor)model, batch)),
    ];

    internal static bool Takes(RunContext context) =>
        ProcessVerb.HasText(context) && !context.Run.Args.TryGetProperty("audio", out _);

    internal static void Run(RunContext context)
    {
        string folder = context.PathOf(context.Args.Text("config", "checkpoint"));
        var arguments = PromptArguments.Read(context.Args.Find("kwargs"));
        IProcessor processor = Load(folder, arguments.Overrides);
        foreach ((Func<IProcessor, bool> takes, Action<RunContext, IProcessor, PromptBatch> run) in s_kinds)
        {
            if (takes(processor))
            {
                run(context, processor, new PromptBatch(arguments, Prompts(context, processor, arguments)));
                return;
            }
        }

        throw new NotUnderstoodException($"'process' is not known of {processor.GetType().Name}");
    }

    private static IProcessor Load(string folder, JsonElement? overrides)
    {
        try
        {
            return ProcessorLoader.Load(folder, overrides);
        }
        catch (NotSupportedException error)
        {
            throw new NotUnderstoodException(error.Message);
        }
    }

    private static string[] Prompts(RunContext context, IProcessor processor, PromptArguments arguments)
    {
        if (context.Args.Find("text") is { } text)
        {
            return text.ValueKind == JsonValueKind.String
                ? [text.GetString()!]
                : [.. text.EnumerateArray().Select(item => item.GetString()!)];
        }

        JsonElement messages = context.Args.Need("messages");
        JsonElement[] chats = messages.GetArrayLength() > 0 && messages[0].ValueKind == JsonValueKind.Array
            ? [.. messages.EnumerateArray()]
            : [messages];
        string[] prompts =
        [
            .. chats.Select(chat => processor.Render(ChatTemplateInput.FromJson(chat) with
            {
                AddGenerationPrompt = arguments.AddGenerationPrompt, ContinueFinalMessage = arguments.ContinueFinalMessage,
            })),
        ];
        if (context.Args.Find("prompt_file") is { } file)
        {
            Compare(prompts, context.Bytes(file.GetString()!));
        }

        return prompts;
    }

    private static void Compare(string[] prompts, byte[] json)
    {
        using JsonDocument wanted = JsonDocument.Parse(json);
        JsonElement[] chats = wanted.RootElement.ValueKind == JsonValueKind.Array
            ? [.. wanted.RootElement.EnumerateArray()]
            : [wanted.RootElement];
        string[] all =
        [
            .. chats.Select(chat => (chat.ValueKind == JsonValueKind.String ? chat : chat.GetProperty("prompt")).GetString()!),
        ];
        for (int i = 0; i < prompts.Length; i++)
        {
            if (i >= all.Length || prompts[i] != all[i])
            {
                throw new InvalidDataException(
                    $"Prompt {i + 1} is '{prompts[i]}', expected {(i < all.Length ? $"'{all[i]}'" : "none")}.");
            }
        }
    }
}
