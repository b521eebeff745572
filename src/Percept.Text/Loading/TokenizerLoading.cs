namespace Percept.Text;

/// <summary>Whose word counts where a tokenizer's files and its class disagree.</summary>
public enum TokenizerLoading
{
    /// <summary>
    /// As transformers 5 loads it: some classes put steps of their own around the vocabulary (Llama, Qwen2). This is
    /// what models are used with in the reference.
    /// </summary>
    AsTransformers,

    /// <summary>The <c>tokenizer.json</c> as it is.</summary>
    AsWritten,
}
