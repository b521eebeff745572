using System.Buffers.Text;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Text;

namespace Percept.Cli;

/// <summary>Loads a tokenizer from whatever a path names: a folder, or one file of any known format, found by content.</summary>
internal static class TokenizerFiles
{
    private const long MaxFileBytes = 512L << 20;
    private const string ConfigFile = "tokenizer_config.json";

    internal static TextTokens Load(string path)
    {
        if (Directory.Exists(path))
        {
            return new(TokenizerLoader.FromFolder(path).Tokenizer);
        }

        CommandPaths.CheckFile("tokenizer", path);
        byte[] head = new byte[4];
        using (FileStream stream = File.OpenRead(path))
        {
            head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            if (!head.AsSpan().SequenceEqual("GGUF"u8) && stream.Length > MaxFileBytes)
            {
                throw new CommandException($"'{path}' has {stream.Length} bytes, more than any tokenizer; name the tokenizer's own file");
            }
        }

        if (head.AsSpan().SequenceEqual("GGUF"u8))
        {
            using GgufFile file = GgufFile.Open(path);
            return new(GgufTokenizer.Make(GgufVocabularyReader.Read(file)));
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (Path.GetFileName(path) is "vocab.txt" or "vocab.json" or "merges.txt")
        {
            return new(TokenizerLoader.FromFolder(folder).Tokenizer);
        }

        byte[] data = File.ReadAllBytes(path);
        try
        {
            return Read(data, folder);
        }
        catch (Exception failure) when (failure is InvalidDataException or NotSupportedException or ArgumentException)
        {
            throw new CommandException($"'{path}': {failure.Message}");
        }
    }

    private static TextTokens Read(byte[] data, string folder)
    {
        ReadOnlySpan<byte> start = data.AsSpan().TrimStart(" \t\r\n\uFEFF"u8);
        if (start.StartsWith("{"u8))
        {
            return new(Tokenizer.FromJson(data));
        }

        if (IsRanks(start))
        {
            return FromRanks(TiktokenRanks.Read(data), folder);
        }

        // The first field of a SentencePiece model is its first piece.
        if (data.Length > 1 && data[0] == 0x0A)
        {
            return FromPieces(SentencePieceModel.Read(data), folder);
        }

        throw new NotSupportedException(
            "the file is no tokenizer that stands alone; name a model's folder, tokenizer.json, tokenizer.model, a rank file of " +
            "tiktoken, vocab.txt or a GGUF file");
    }

    /// <summary>The first line of a rank file: base64, a space, a number.</summary>
    private static bool IsRanks(ReadOnlySpan<byte> start)
    {
        int end = start.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = (end < 0 ? start : start[..end]).TrimEnd("\r"u8);
        int space = line.IndexOf((byte)' ');
        return space > 0 && Utf8Parser.TryParse(line[(space + 1)..], out int _, out int used) && used == line.Length - space - 1
            && Base64.IsValid(line[..space]);
    }

    /// <summary>A SentencePiece model: as the class that the settings beside it name, else as the library itself cuts.</summary>
    private static TextTokens FromPieces(SentencePieceModel model, string folder)
    {
        TokenizerConfig config = TokenizerLoader.ReadConfig(folder);
        return string.IsNullOrEmpty(config.TokenizerClass)
            ? new(model)
            : new(TokenizerLoader.FromSentencePieces(model, config).Tokenizer);
    }

    /// <summary>A rank file: with the pattern of the settings beside it, else with that of the published vocabulary.</summary>
    private static TextTokens FromRanks(TiktokenRanks ranks, string folder)
    {
        TiktokenVocabulary? known = TiktokenVocabulary.Find(ranks);
        string? own = PatternOf(Path.Combine(folder, ConfigFile));
        string pattern = own ?? known?.Pattern ?? throw new NotSupportedException(
            $"the rank file has {ranks.Count} tokens, so it is none of {string.Join(", ", TiktokenVocabulary.Known.Select(v => v.Name))}; " +
            $"put a '{ConfigFile}' with its 'pat_str' beside it");
        var special = new Dictionary<string, int>(known?.SpecialTokens ?? new Dictionary<string, int>(), StringComparer.Ordinal);
        if (own is not null)
        {
            foreach (AddedToken token in TokenizerLoader.ReadConfig(folder).AddedTokens ?? [])
            {
                special[token.Content] = token.Id;
            }
        }

        return new(TokenizerLoader.FromRanks(ranks, pattern, special));
    }

    /// <summary>The pattern that a file of settings states; null when it states none.</summary>
    private static string? PatternOf(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length is 0 or > MaxFileBytes)
        {
            return null;
        }

        try
        {
            using JsonDocument settings = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (string name in (ReadOnlySpan<string>)["pat_str", "pattern"])
            {
                if (settings.RootElement.ValueKind == JsonValueKind.Object
                    && settings.RootElement.TryGetProperty(name, out JsonElement pattern) && pattern.ValueKind == JsonValueKind.String)
                {
                    return pattern.GetString();
                }
            }

            return null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{Path.GetFileName(path)}' beside it is not JSON: {error.Message}", error);
        }
    }
}
