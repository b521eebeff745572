using System.Globalization;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// Encodes the media of a run of the LLaVA line: <c>image_features</c> or <c>video_features</c> are the rows of all media, one
/// after the other, <c>feature_lens</c> the rows of each, <c>vision_hidden_states.i</c> the tower's states.
/// </summary>
internal static class LlavaEncode
{
    private const string State = "vision_hidden_states.";

    internal static void Pictures(RunContext context, LlavaModel model)
    {
        using GradientSwitch off = Gradients.Off();
        LlavaMedia media = LlavaMedia.Of(context, model);
        Tensor rows = media.Encode(media.Pictures) ?? throw new InvalidDataException("The run has no pictures.");
        Give(context, "image_features", rows);
        context.Give("feature_lens", Tensor.From<long>(
            [.. media.Pictures.Select(picture => (long)picture.Tokens)], [media.Pictures.Count]));
        Tensor pixels = Ops.Concat(media.Pictures.Select(picture => picture.Pixels).ToArray(), 0);
        if (context.Wants("vision_features"))
        {
            context.Give("vision_features", media.Model.Selected(pixels));
        }

        foreach (string output in context.Run.Outputs.Select(static pair => pair.Key)
            .Where(static name => name.StartsWith(State, StringComparison.Ordinal)))
        {
            int number = int.Parse(output.AsSpan(State.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            context.Give(output, TowerStates.Select(model.Tower, pixels, [number], keepsFirst: true));
        }
    }

    internal static void Clips(RunContext context, LlavaModel model)
    {
        using GradientSwitch off = Gradients.Off();
        LlavaMedia media = LlavaMedia.Of(context, model);
        Give(context, "video_features", media.Encode(media.Clips) ?? throw new InvalidDataException("The run has no clips."));
    }

    /// <summary>Gives rows in the shape in which they are wanted: all after one another, or each medium's own.</summary>
    private static void Give(RunContext context, string name, Tensor rows)
    {
        bool isGrouped = context.Want(name) is { } want && want.Rank == 3 && want.Count == rows.Count
            && want.Shape[2] == rows.Shape[1];
        context.Give(name, isGrouped ? rows.View(context.Want(name)!.Value.Shape) : rows);
    }
}
