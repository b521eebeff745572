using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// Runs a model of the LLaVA line over ids with placeholders and the media they stand for: logits, hidden states, features.
/// </summary>
internal static class LlavaForward
{
    internal static void Run(RunContext context, LlavaModel model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor ids = context.Need("input_ids");
        MaskedForward.Run(
            context, model.Language, ids.Shape[0], ids.Shape[1], rows => Embed(context, model, rows.Pack(ids)));
    }

    /// <summary>The embeddings of packed ids, with the rows of the run's media in the place of their placeholders.</summary>
    internal static Tensor Embed(RunContext context, LlavaModel model, Tensor packed)
    {
        int[] ids = Numbers.ReadInts(packed);
        LlavaMedia media = LlavaMedia.Of(context, model);
        RequireRows("pictures", ids, model.Config.ImageToken, media.Pictures);
        RequireRows("clips", ids, model.Config.VideoToken ?? model.Config.ImageToken, media.Clips);
        Tensor embeddings = model.Language.Embed(packed);
        if (media.Encode(media.Pictures) is { } pictures)
        {
            VisionRuns.GiveWanted(context, "image_features", pictures);
            embeddings = EmbeddingSplicer.Replace(embeddings, ids, model.Config.ImageToken, pictures, "pictures");
        }

        if (media.Encode(media.Clips) is { } clips)
        {
            VisionRuns.GiveWanted(context, "video_features", clips);
            embeddings = EmbeddingSplicer.Replace(embeddings, ids, model.Config.VideoToken!.Value, clips, "clips");
        }

        return embeddings;
    }

    /// <summary>Before any layer runs: as many placeholders as rows. Ids without media are texts that have such tokens.</summary>
    private static void RequireRows(string what, int[] ids, int placeholder, IReadOnlyList<MediaInput> media)
    {
        int places = ids.Count(id => id == placeholder), rows = media.Sum(one => one.Tokens);
        if (media.Count > 0 && places != rows)
        {
            throw new PlaceholderMismatchException(what, places, rows);
        }
    }
}
