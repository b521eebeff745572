namespace Percept.Data;

/// <summary>What is wrong with a record of a dataset.</summary>
public enum DataProblemKind
{
    /// <summary>The record is no JSON, or not of the shape that its format asks for.</summary>
    Malformed,

    /// <summary>A medium is not where the record says.</summary>
    MissingMedia,

    /// <summary>A medium is there but cannot be decoded.</summary>
    DamagedMedia,

    /// <summary>A medium lies outside the folders that were named, or on the web.</summary>
    OutsideMedia,

    /// <summary>There are more or fewer marks of media in the texts than media.</summary>
    MarkCount,

    /// <summary>An answer that a model is to learn is empty, or there is none.</summary>
    EmptyAnswer,

    /// <summary>A role is none of the known ones.</summary>
    UnknownRole,

    /// <summary>Questions and answers do not take turns.</summary>
    RoleOrder,

    /// <summary>The sample is longer than the limit.</summary>
    TooLong,

    /// <summary>Two records have the same id.</summary>
    DuplicateId,

    /// <summary>A key names a file of media, and nothing reads it.</summary>
    UnreadMedia,
}
