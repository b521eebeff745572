namespace Percept.Text;

/// <summary>What a piece of a SentencePiece model is; numbers as in the model's file and in GGUF files.</summary>
public enum SentencePieceType
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>Stands for all text that no piece covers.</summary>
    Unknown = 2,

    /// <summary>A mark such as the start of a text; never matches text and decodes to nothing.</summary>
    Control = 3,

    /// <summary>A piece of text that is always cut out whole, before anything else.</summary>
    UserDefined = 4,

    /// <summary>A piece that is in the vocabulary but not used.</summary>
    Unused = 5,

    /// <summary>One byte, written <c>&lt;0x0A&gt;</c>, for text that no piece covers.</summary>
    Byte = 6,
}
