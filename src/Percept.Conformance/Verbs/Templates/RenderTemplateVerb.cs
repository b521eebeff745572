using System.Globalization;
using System.Text;
using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Small templates with the variables of one file, or one template with many conversations → text.</summary>
internal static class RenderTemplateVerb
{
    internal static void Run(RunContext context)
    {
        DateTime? now = context.Args.Find("now") is { } time
            ? DateTime.Parse(time.GetString()!, CultureInfo.InvariantCulture)
            : null;
        context.JudgeAll("text", context.Args.Has("cases") ? Snippets(context, now) : Conversations(context, now));
    }

    private static IEnumerable<string?> Snippets(RunContext context, DateTime? now)
    {
        using JsonDocument document = JsonDocument.Parse(context.Bytes(context.Args.Text("context")));
        Dictionary<string, TemplateValue> variables = Variables(document.RootElement);
        foreach (JsonElement line in context.JsonLines(context.Args.Text("cases")))
        {
            string template = line.GetProperty("template").GetString()!;
            string? problem = Judge(line, () => ChatTemplate.Parse(template).Render(variables, now));
            yield return problem is null ? null : $"{template}: {problem}";
        }
    }

    private static IEnumerable<string?> Conversations(RunContext context, DateTime? now)
    {
        string source = Encoding.UTF8.GetString(context.Bytes(context.Args.Text("template")));
        Dictionary<string, TemplateValue> variables = context.Args.Find("variables") is { } given ? Variables(given) : [];
        IReadOnlyList<JsonElement> conversations = context.JsonLines(context.Args.Text("conversations"));
        IReadOnlyList<JsonElement> expected = context.JsonLines(context.Args.Text("expected"));
        if (expected.Count > conversations.Count)
        {
            throw new InvalidDataException($"There are {expected.Count} answers for {conversations.Count} conversations.");
        }

        var template = ChatTemplate.Parse(source);
        for (int i = 0; i < expected.Count; i++)
        {
            ChatTemplateInput input = Input(conversations[i], variables, now);
            string? problem = Judge(expected[i], () => template.Render(input));
            yield return problem is null ? null : $"{conversations[i].GetProperty("name")}: {problem}";
        }
    }

    private static ChatTemplateInput Input(JsonElement line, Dictionary<string, TemplateValue> variables, DateTime? now)
    {
        JsonElement? Find(string name) => line.TryGetProperty(name, out JsonElement value) ? value : null;
        var all = new Dictionary<string, TemplateValue>(variables);
        if (Find("kwargs") is { } kwargs)
        {
            foreach ((string name, TemplateValue value) in Variables(kwargs))
            {
                all[name] = value;
            }
        }

        return ChatTemplateInput.FromJson(line.GetProperty("messages"), Find("tools"), Find("documents")) with
        {
            AddGenerationPrompt = Find("add_generation_prompt")?.GetBoolean() ?? false,
            ContinueFinalMessage = Find("continue_final_message")?.GetBoolean() ?? false,
            Variables = all,
            Now = now,
        };
    }

    private static string? Judge(JsonElement wanted, Func<RenderedChat> render)
    {
        string? wantedError = wanted.TryGetProperty("error_type", out JsonElement type) ? type.GetString() : null;
        try
        {
            RenderedChat got = render();
            return wantedError is not null ? $"wanted {wantedError}, got '{got.Text}'" : Compare(wanted, got);
        }
        catch (Exception error) when (error is TemplateException or ArgumentException)
        {
            if (wantedError is null)
            {
                return $"wanted '{wanted.GetProperty("text").GetString()}', got {error.Message}";
            }

            string message = wanted.TryGetProperty("error", out JsonElement told) ? told.GetString() ?? "" : "";
            return wantedError != "TemplateError" || (error is TemplateException { Kind: TemplateErrorKind.Raised } raised
                && raised.Reason == message)
                ? null
                : $"wanted the error '{message}', got '{error.Message}'";
        }
    }

    private static string? Compare(JsonElement wanted, RenderedChat got)
    {
        string text = wanted.GetProperty("text").GetString()!;
        if (text != got.Text)
        {
            int at = text.AsSpan().CommonPrefixLength(got.Text);
            return $"differs at {at}: wanted '{Around(text, at)}', got '{Around(got.Text, at)}'";
        }

        if (!wanted.TryGetProperty("generation_spans", out JsonElement spans))
        {
            return null;
        }

        // The reference counts code points.
        int Points(int unit) => got.Text.AsSpan(0, unit).ToString().EnumerateRunes().Count();
        string wantedSpans = string.Join(' ', spans.EnumerateArray().Select(span => $"{span[0].GetInt32()}-{span[1].GetInt32()}"));
        string gotSpans = string.Join(' ', got.GenerationSpans.Select(span => $"{Points(span.Start)}-{Points(span.End)}"));
        return wantedSpans == gotSpans ? null : $"wanted the spans {wantedSpans}, got {gotSpans}";
    }

    private static string Around(string text, int at)
    {
        int start = Math.Max(0, at - 10);
        return text.Substring(start, Math.Min(60, text.Length - start));
    }

    private static Dictionary<string, TemplateValue> Variables(JsonElement values) => values.EnumerateObject()
        .ToDictionary(property => property.Name, property => TemplateValue.FromJson(property.Value), StringComparer.Ordinal);
}
