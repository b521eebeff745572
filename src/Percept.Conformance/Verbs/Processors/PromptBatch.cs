using System.Text.Json;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>The prompts of one call, and the media that belong to them.</summary>
/// <param name="Arguments">How the call is made.</param>
/// <param name="Prompts">The prompts.</param>
internal sealed record PromptBatch(PromptArguments Arguments, IReadOnlyList<string> Prompts)
{
    private static readonly ImageDecodeOptions s_asStored = new() { ApplyOrientation = false };

    /// <summary>Whether the call gives a list of pictures for each prompt.</summary>
    internal static bool IsNested(RunContext context) => context.Run.Args.TryGetProperty("images", out JsonElement images)
        && images.ValueKind == JsonValueKind.Array && images.GetArrayLength() > 0 && images[0].ValueKind == JsonValueKind.Array;

    /// <summary>
    /// The media of each prompt in the order of their marks: <c>images</c> and <c>videos</c> are used up from prompt to prompt.
    /// </summary>
    internal IReadOnlyList<MediaContent>[] Media(RunContext context, string imageMark, string? videoMark)
    {
        var pictures = new Queue<MediaContent>(Pictures(context));
        var clips = new Queue<MediaContent>(Clips(context));
        IReadOnlyList<MediaContent>[] all =
        [
            .. Prompts.Select(prompt => (IReadOnlyList<MediaContent>)
            [
                .. Marks(prompt, imageMark, videoMark).Select(isPicture => (isPicture ? pictures : clips).TryDequeue(out MediaContent? one)
                    ? one
                    : throw new InvalidDataException($"There are more marks than {(isPicture ? "pictures" : "clips")}.")),
            ]),
        ];
        return pictures.Count + clips.Count == 0
            ? all
            : throw new InvalidDataException($"{pictures.Count} pictures and {clips.Count} clips have no mark.");
    }

    /// <summary>Gives <c>input_ids</c> and <c>attention_mask</c>, filled up as asked.</summary>
    internal void GiveIds(RunContext context, LoadedTokenizer tokenizer, IReadOnlyList<PreparedPrompt> prompts)
    {
        int length = Math.Max(prompts.Max(prompt => prompt.Ids.Count), Arguments.Length ?? 0);
        int multiple = Arguments.MultipleOf ?? 1;
        length = (length + multiple - 1) / multiple * multiple;
        if (!Arguments.Pads && prompts.Any(prompt => prompt.Ids.Count != length))
        {
            throw new InvalidDataException("The prompts have different lengths, and the call does not pad.");
        }

        bool left = (Arguments.Side ?? tokenizer.PaddingSide) == TextSide.Left;
        long pad = tokenizer.TokenId("pad_token") ?? 0;
        var ids = new long[prompts.Count * length];
        var mask = new long[ids.Length];
        Array.Fill(ids, pad);
        for (int row = 0; row < prompts.Count; row++)
        {
            IReadOnlyList<int> own = prompts[row].Ids;
            int start = (row * length) + (left ? length - own.Count : 0);
            for (int i = 0; i < own.Count; i++)
            {
                ids[start + i] = own[i];
                mask[start + i] = 1;
            }
        }

        context.Give("input_ids", Tensor.From(ids, [prompts.Count, length]));
        context.Give("attention_mask", Tensor.From(mask, [prompts.Count, length]));
    }

    private static IEnumerable<bool> Marks(string prompt, string imageMark, string? videoMark)
    {
        for (int at = 0; at < prompt.Length; at++)
        {
            if (string.CompareOrdinal(prompt, at, imageMark, 0, imageMark.Length) == 0)
            {
                yield return true;
            }
            else if (videoMark is not null && string.CompareOrdinal(prompt, at, videoMark, 0, videoMark.Length) == 0)
            {
                yield return false;
            }
        }
    }

    private static IEnumerable<MediaContent> Pictures(RunContext context) => context.Args.Find("images") is not { } images
        ? []
        : images.EnumerateArray().SelectMany(item => item.ValueKind == JsonValueKind.Array ? item.EnumerateArray().ToArray() : [item])
            .Select(file => MediaContent.Of(Open(context, file)));

    private static IEnumerable<MediaContent> Clips(RunContext context) => context.Args.Find("videos") is not { } videos
        ? []
        : videos.EnumerateArray().Select(clip => MediaContent.Clip([.. clip.EnumerateArray().Select(file => Open(context, file))]));

    private static Image Open(RunContext context, JsonElement file) =>
        ImageDecoder.Decode(context.Bytes(file.GetString()!), s_asStored);
}
