namespace Percept.Checkpoints;

/// <summary>The tensors of a checkpoint of the hub under the names of one layout, whichever its own is.</summary>
internal sealed class HubLayout
{
    /// <summary>The layouts that are in use for image-text models, old and new, and for bare language models.</summary>
    private static readonly KeyMap s_names = KeyMap.Identity
        .Rename("language_model.model.{*}", "model.{*}")
        .Rename("language_model.lm_head.{*}", "lm_head.{*}")
        .Rename("model.language_model.{*}", "model.{*}")
        .Rename("model.vision_tower.{*}", "vision_tower.{*}")
        .Rename("vision_tower.embeddings.{*}", "vision_tower.vision_model.embeddings.{*}")
        .Rename("vision_tower.pre_layrnorm.{*}", "vision_tower.vision_model.pre_layrnorm.{*}")
        .Rename("vision_tower.encoder.{*}", "vision_tower.vision_model.encoder.{*}")
        .Rename("vision_tower.post_layernorm.{*}", "vision_tower.vision_model.post_layernorm.{*}")
        .Rename("vision_tower.head.{*}", "vision_tower.vision_model.head.{*}")
        .Rename("model.multi_modal_projector.{*}", "multi_modal_projector.{*}")
        .Rename("model.image_newline", "image_newline")
        .Rename("layers.{*}", "model.layers.{*}")
        .Rename("embed_tokens.{*}", "model.embed_tokens.{*}")
        .Rename("norm.{*}", "model.norm.{*}")
        .Ignore("{*}rotary_emb.inv_freq", "a buffer that is computed")
        .Ignore("{*}embeddings.position_ids", "a buffer that is computed");

    internal HubLayout(TensorSource source)
    {
        Source = source;
        foreach (string file in source.Tensors.Keys)
        {
            string name = s_names.ToModel(file);
            if (s_names.IgnoredBecause(file) is { } reason)
            {
                Ignored.Add(new(file, reason));
            }
            else if (!Names.TryAdd(name, file))
            {
                throw new InvalidDataException(
                    $"'{Names[name]}' and '{file}' of '{source.Description}' are the same tensor of two layouts. Remove one of them.");
            }
        }
    }

    /// <summary>The checkpoint.</summary>
    internal TensorSource Source { get; }

    /// <summary>Of each tensor's name in the one layout its name in the checkpoint.</summary>
    internal SortedDictionary<string, string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensors that no file needs.</summary>
    internal List<KeyValuePair<string, string>> Ignored { get; } = [];

    /// <summary>What is known of a tensor; null when there is none.</summary>
    internal StoredTensor? Find(string name) => Names.TryGetValue(name, out string? file) ? Source.Tensors[file] : null;

    /// <summary>What is known of a tensor that must be there.</summary>
    internal StoredTensor Need(string name) => Find(name) ?? throw new InvalidDataException(
        $"'{Source.Description}' has no tensor '{name}'. Finish the download, or name the folder of a whole model.");

    /// <summary>The names that begin with a text.</summary>
    internal IEnumerable<string> Under(string prefix) => Names.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));
}
