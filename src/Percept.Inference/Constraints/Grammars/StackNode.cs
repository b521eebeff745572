namespace Percept.Inference;

/// <summary>A place to return to when the present rule ends, and the places behind it.</summary>
/// <param name="returnState">The state to go on with.</param>
/// <param name="parent">The next place; null for the end of the text.</param>
/// <param name="id">The number that tells nodes apart.</param>
internal sealed class StackNode(int returnState, StackNode? parent, int id)
{
    internal int Return { get; } = returnState;

    internal StackNode? Parent { get; } = parent;

    internal int Id { get; } = id;
}
