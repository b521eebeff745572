namespace Percept.Data;

/// <summary>What kind of instruction is made of a picture's annotations.</summary>
public enum InstructionKind
{
    /// <summary>Several short questions with their answers.</summary>
    Conversation,

    /// <summary>A description of all that is known.</summary>
    Detail,

    /// <summary>A question whose answer brings several facts together, with the reasons.</summary>
    ComplexReasoning,
}
