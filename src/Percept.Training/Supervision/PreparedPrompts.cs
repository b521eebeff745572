using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Percept.Checkpoints;
using Percept.Data;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Training;

/// <summary>
/// Prepares conversations, and keeps those with media of files: in a later epoch, and in a later run where the cache has a folder, nothing is
/// decoded, resized or tokenized again. What is drawn, and text alone, is made anew.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class PreparedPrompts
{
    private const int Format = 2;
    private const int MostHashed = 64 << 20;

    private readonly SupervisedSpans _spans;
    private readonly PreparedCache? _cache;
    private readonly string _preparation;

    /// <summary>Makes it.</summary>
    /// <param name="spans">Prepares conversations.</param>
    /// <param name="folder">The model's folder, whose tokenizer and settings change what becomes of a conversation.</param>
    /// <param name="options">What is learnt.</param>
    /// <param name="cache">Where they are kept; null for nowhere.</param>
    internal PreparedPrompts(SupervisedSpans spans, string folder, SupervisionOptions options, PreparedCache? cache)
    {
        _spans = spans;
        _cache = cache;
        _preparation = cache is null ? string.Empty : Preparation(folder, options);
    }

    /// <summary>Prepares a conversation, or gives a copy of what was prepared.</summary>
    internal SupervisedPrompt Prepare(DatasetSample sample)
    {
        if (_cache is not { } cache || !sample.Media.Any() || sample.Media.Any(medium => medium.IsDrawn))
        {
            return _spans.Prepare(sample);
        }

        // The same words of which others are learned are another prompt.
        string learned = string.Concat(sample.Messages.Select(message => message.IsSupervised ? '1' : '0')) + (sample.TurnsApart ? FormattableString.Invariant($" apart {sample.CommonMessages}") : "");
        string pieces = sample.AnswersByLetter ? " letters" : "";
        return Read(cache.GetOrMake(PreparedCache.Key(sample.ContentHash(), $"{learned}{pieces} {_preparation}"), () =>
        {
            using SupervisedPrompt prompt = _spans.Prepare(sample);
            return Write(prompt);
        }));
    }

    /// <summary>The bytes of a prompt: media once each, however many runs of placeholders they have.</summary>
    internal static byte[] Write(SupervisedPrompt prompt)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Format);
            Numbers(writer, prompt.Prompt.Ids);
            writer.Write(prompt.Prompt.Positions is not null);
            Numbers(writer, prompt.Prompt.Positions ?? []);
            Numbers(writer, [.. prompt.Spans.SelectMany(span => (int[])[span.Start, span.End])]);
            writer.Write(prompt.Apart?.Prefix ?? -1);
            Numbers(writer, [.. (prompt.Apart?.Turns ?? []).SelectMany(turn => (int[])[turn.Start, turn.First, turn.End])]);
            List<MediaInput> media = [.. prompt.Prompt.Spans.Select(span => span.Media).Distinct()];
            Numbers(writer, [.. prompt.Prompt.Spans.SelectMany(span => (int[])[span.Start, span.Count, media.IndexOf(span.Media), span.Offset])]);
            writer.Write(media.Count);
            foreach (MediaInput medium in media)
            {
                Write(writer, medium);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The prompt of bytes that <see cref="Write(SupervisedPrompt)"/> made.</summary>
    internal static SupervisedPrompt Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        if (reader.ReadInt32() is var format && format != Format)
        {
            throw new InvalidDataException($"A prepared prompt has format {format}, expected {Format}. Empty the cache's folder.");
        }

        int[] ids = Numbers(reader);
        bool hasPositions = reader.ReadBoolean();
        int[] positions = Numbers(reader), spans = Numbers(reader);
        int prefix = reader.ReadInt32();
        ApartTurns.Turn[] turns = [.. Numbers(reader).Chunk(3).Select(turn => new ApartTurns.Turn(turn[0], turn[1], turn[2]))];
        int[] places = Numbers(reader);
        var media = new MediaInput[reader.ReadInt32()];
        for (int i = 0; i < media.Length; i++)
        {
            media[i] = Medium(reader);
        }

        var prompt = new PreparedPrompt
        {
            Ids = ids,
            Positions = hasPositions ? positions : null,
            Spans = [.. places.Chunk(4).Select(place => new MediaSpan(place[0], place[1], media[place[2]], place[3]))],
        };
        return new SupervisedPrompt(prompt, [.. spans.Chunk(2).Select(span => (span[0], span[1]))], prefix < 0 ? null : new ApartTurns(prefix, turns));
    }

    private static void Write(BinaryWriter writer, MediaInput medium)
    {
        writer.Write((int)medium.Kind);
        writer.Write(medium.Size.Height);
        writer.Write(medium.Size.Width);
        writer.Write(medium.Tokens);
        writer.Write(medium.IsTiled);
        writer.Write(medium.Grid.Time);
        writer.Write(medium.Grid.Rows);
        writer.Write(medium.Grid.Columns);
        writer.Write(medium.Hash);
        writer.Write((int)medium.Pixels.DType);
        Numbers(writer, medium.Pixels.Shape.Sizes.ToArray());
        ReadOnlySpan<byte> pixels = medium.Pixels.Bytes();
        writer.Write(pixels.Length);
        writer.Write(pixels);
    }

    private static MediaInput Medium(BinaryReader reader)
    {
        var kind = (MediaKind)reader.ReadInt32();
        var size = new ImageSize(reader.ReadInt32(), reader.ReadInt32());
        int tokens = reader.ReadInt32();
        bool isTiled = reader.ReadBoolean();
        (int Time, int Rows, int Columns) grid = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        string hash = reader.ReadString();
        var type = (DType)reader.ReadInt32();
        var shape = Shape.Create(Numbers(reader));
        return new MediaInput
        {
            Kind = kind,
            Size = size,
            Tokens = tokens,
            IsTiled = isTiled,
            Grid = grid,
            Hash = hash,
            Pixels = Tensor.FromBytes(reader.ReadBytes(reader.ReadInt32()), shape, type).KeepAlways(),
        };
    }

    private static void Numbers(BinaryWriter writer, IReadOnlyList<int> numbers)
    {
        writer.Write(numbers.Count);
        foreach (int number in numbers)
        {
            writer.Write(number);
        }
    }

    private static int[] Numbers(BinaryReader reader)
    {
        var numbers = new int[reader.ReadInt32()];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = reader.ReadInt32();
        }

        return numbers;
    }

    /// <summary>All that makes something else of the same conversation: the files beside the weights, what is learnt, and this code.</summary>
    private static string Preparation(string folder, SupervisionOptions options)
    {
        var text = new StringBuilder();
        IReadOnlyList<string> packed = ModelLoader.GgufFiles(folder);
        foreach (string file in packed.Count > 0 ? packed : CheckpointFolder.Companions(folder))
        {
            text.Append(Path.GetFileName(file)).Append(' ').AppendLine(Convert.ToHexString(SHA256.HashData(Beginning(file))));
        }

        text.Append(CultureInfo.InvariantCulture, $"{options.TrainOnPrompt} {options.MaskHistory} {options.ClipFrames} ");
        text.Append(typeof(IProcessor).Module.ModuleVersionId).Append(' ').Append(typeof(PreparedPrompts).Module.ModuleVersionId).Append(' ').Append(typeof(Tokenizer).Module.ModuleVersionId);
        return text.ToString();
    }

    // Of GGUF files the tokenizer and all settings stand before the weights.
    private static byte[] Beginning(string file)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] bytes = new byte[Math.Min(stream.Length, MostHashed)];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
