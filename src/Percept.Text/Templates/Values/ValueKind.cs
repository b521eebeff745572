namespace Percept.Text.Templates;

/// <summary>The types of values that templates know.</summary>
internal enum ValueKind : byte
{
    /// <summary>No value at all: an argument not given, a variable not set.</summary>
    Missing,
    Undefined,
    None,
    Bool,
    Int,
    BigInt,
    Float,
    Text,
    Markup,
    List,
    Tuple,
    Dict,
    Range,
    View,
    Iterator,
    Namespace,
    Loop,
    Cycler,
    Callable,
}
