using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Reads the vocabularies that a case's <c>tokenizer.json</c> leaves out, by the <c>kind</c> of <c>args.vocab</c>.</summary>
internal static class VocabularySources
{
    private static readonly Dictionary<string, Func<RunContext, JsonElement, VocabularyData>> s_kinds =
        new(StringComparer.Ordinal)
        {
        };

    /// <summary>The vocabulary that a run names; null when it names none.</summary>
    internal static VocabularyData? Read(RunContext context) =>
        context.Args.Find("vocab") is { } vocab ? Read(context, vocab) : null;

    /// <summary>Reads a vocabulary.</summary>
    internal static VocabularyData Read(RunContext context, JsonElement vocab)
    {
        string kind = vocab.GetProperty("kind").GetString()!;
        return s_kinds.TryGetValue(kind, out Func<RunContext, JsonElement, VocabularyData>? read)
            ? read(context, vocab)
            : throw new NotUnderstoodException($"the vocabulary kind '{kind}' is not known");
    }

    /// <summary>The compiled normalization rules of a SentencePiece model.</summary>
    /// <remarks>Field 3 of the model is its normalizer's settings, field 2 of these the rules.</remarks>
    internal static byte[] Charsmap(byte[] model) => Field(Field(model, 3), 2);

    // The bytes of the first field of a number in a protocol buffer message; empty when there is none.
    private static byte[] Field(ReadOnlySpan<byte> message, ulong number)
    {
        while (!message.IsEmpty)
        {
            ulong key = Varint(ref message);
            ulong length = (key & 7) switch
            {
                0 => Varint(ref message) & 0,
                1 => 8,
                5 => 4,
                _ => Varint(ref message),
            };
            ReadOnlySpan<byte> value = message[..(int)Math.Min(length, (ulong)message.Length)];
            if (key >> 3 == number && (key & 7) == 2)
            {
                return value.ToArray();
            }

            message = message[value.Length..];
        }

        return [];
    }

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; !message.IsEmpty && shift < 64; shift += 7)
        {
            byte part = message[0];
            message = message[1..];
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
            {
                break;
            }
        }

        return value;
    }
}
