namespace Percept.Text;

/// <summary>What a chat template made of a conversation.</summary>
/// <param name="Text">The text.</param>
/// <param name="GenerationSpans">The parts of the text inside <c>{% generation %}</c> blocks: what the model itself
/// wrote, in order.</param>
public sealed record RenderedChat(string Text, IReadOnlyList<TextSpan> GenerationSpans);
