using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>The <c>tokenizer.json</c> of a run.</summary>
internal static class CaseTokenizer
{
    /// <summary>Reads it, with the vocabulary that it leaves out.</summary>
    internal static Tokenizer Open(RunContext context)
    {
        string file = context.Args.Text("tokenizer");
        VocabularyData? vocabulary = VocabularySources.Read(context) ?? OfAnotherRun(context, file);
        return Tokenizer.FromJson(context.Bytes(file), vocabulary);
    }

    /// <summary>Decodes as the reference of the case does.</summary>
    /// <remarks>
    /// transformers' CLIP tokenizer turns the ends of words, which the decoder of the file leaves in, into spaces.
    /// </remarks>
    internal static string Decode(RunContext context, Tokenizer tokenizer, ReadOnlySpan<int> ids, bool skip)
    {
        string text = tokenizer.Decode(ids, skip);
        return tokenizer.Parts is { Model: BpeModel { Options.EndOfWordSuffix: { Length: > 0 } suffix } }
            && CaseFile(context).TryGetProperty("reference", out JsonElement reference) && reference.GetString() == "transformers"
                ? text.Replace(suffix, " ", StringComparison.Ordinal).Trim()
                : text;
    }

    // A file without a vocabulary is the same in all runs of a case, but only some of them say where it is.
    private static VocabularyData? OfAnotherRun(RunContext context, string file)
    {
        foreach (JsonElement run in CaseFile(context).GetProperty("runs").EnumerateArray())
        {
            JsonElement args = run.GetProperty("args");
            if (args.TryGetProperty("vocab", out JsonElement vocab)
                && args.TryGetProperty("tokenizer", out JsonElement other) && other.GetString() == file)
            {
                return VocabularySources.Read(context, vocab);
            }
        }

        return null;
    }

    private static JsonElement CaseFile(RunContext context)
    {
        using JsonDocument document = JsonDocument.Parse(context.Bytes("case.json"));
        return document.RootElement.Clone();
    }
}
