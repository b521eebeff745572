using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Several texts, padded and cut together.</summary>
internal static class TokenizeBatchVerb
{
    internal static void Run(RunContext context)
    {
        Tokenizer tokenizer = CaseTokenizer.Open(context);
        bool add = context.Args.Flag("add_special_tokens", true);
        IReadOnlyList<JsonElement> lines = context.JsonLines(context.Args.Text("cases"));
        if (context.Args.Find("kwargs") is { } kwargs)
        {
            bool truncation = kwargs.GetProperty("truncation").GetBoolean();
            if (kwargs.GetProperty("padding").GetString() != "max_length" || kwargs.EnumerateObject().Count() != 2)
            {
                throw new InvalidDataException($"The arguments {kwargs.GetRawText()} are not understood.");
            }

            context.JudgeAll("lines", lines.Select(line => CheckOne(tokenizer, line, truncation)));
            return;
        }

        context.JudgeAll("lines", lines.Select(line => CheckBatch(tokenizer, line, add)));
    }

    private static string? CheckBatch(Tokenizer tokenizer, JsonElement line, bool add)
    {
        string[] texts = [.. line.GetProperty("texts").EnumerateArray().Select(static text => text.GetString()!)];
        IReadOnlyList<TokenEncoding> got = tokenizer.EncodeBatch(texts, new EncodeOptions
        {
            AddSpecialTokens = add,
            AllowSpecial = true,
            Truncation = TokenizerJson.ReadTruncation(line.GetProperty("truncation")),
            Padding = TokenizerJson.ReadPadding(line.GetProperty("padding")),
        });
        return Rows(line, "ids", got, static encoding => encoding.Ids)
            ?? Rows(line, "attention_mask", got, static encoding => encoding.AttentionMask)
            ?? Rows(line, "special_tokens_mask", got, static encoding => encoding.SpecialTokensMask)
            ?? TokenAnswers.Numbers(
                line, "offsets0", [.. got[2].Offsets.SelectMany(static offset => new[] { offset.Start, offset.End })]);
    }

    // transformers pads CLIP's texts with the token that ends them.
    private static string? CheckOne(Tokenizer tokenizer, JsonElement line, bool truncation)
    {
        int length = line.GetProperty("max_length").GetInt32();
        int[] frame = tokenizer.EncodeIds("");
        TokenEncoding got = tokenizer.Encode(line.GetProperty("text").GetString()!, null, new EncodeOptions
        {
            AllowSpecial = true,
            Truncation = truncation ? new TruncationOptions(length) : null,
            Padding = new PaddingOptions { Length = length, Id = frame[^1], Token = tokenizer.IdToToken(frame[^1])! },
        });
        return TokenAnswers.Numbers(line, "input_ids", got.Ids)
            ?? TokenAnswers.Numbers(line, "attention_mask", got.AttentionMask);
    }

    private static string? Rows(
        JsonElement line, string name, IReadOnlyList<TokenEncoding> got, Func<TokenEncoding, IReadOnlyList<int>> part)
    {
        int[][] want = [.. line.GetProperty(name).EnumerateArray().Select(TokenAnswers.Ints)];
        return want.Length != got.Count
            ? $"there are {got.Count} rows, expected {want.Length}"
            : want.Select((row, i) => TokenAnswers.Compare($"row {i} of {name}", row, part(got[i])))
                .FirstOrDefault(static problem => problem is not null);
    }
}
