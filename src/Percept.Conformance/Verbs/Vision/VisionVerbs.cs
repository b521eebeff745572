namespace Percept.Conformance;

/// <summary>Verbs of vision and image-text encoders.</summary>
internal static class VisionVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["classify"] = ClassifyVerb.Run,
        ["feature_maps"] = FeatureMapsVerb.Run,
        ["masked_image_modeling"] = MaskedTokensVerb.Run,
        ["masked_reconstruction"] = MaskedReconstructionVerb.Run,
        ["position_embeddings"] = PositionEmbeddingsVerb.Run,
        ["retrieval"] = RetrievalVerb.Run,
        ["rope_tables"] = RopeTablesVerb.Run,
        ["zero_shot"] = ZeroShotVerb.Run,
    };
}
