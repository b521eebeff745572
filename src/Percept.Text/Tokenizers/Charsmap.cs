using System.Buffers.Binary;

namespace Percept.Text;

/// <summary>
/// The compiled normalization rules of a SentencePiece model (<c>precompiled_charsmap</c>): byte sequences and what
/// replaces them.
/// </summary>
/// <remarks>
/// <para>
/// Layout: the size of the trie in bytes (32 bits, little endian), a double-array trie of 32-bit units, then the
/// replacements, each ended by a zero byte; a leaf of the trie holds the place of its replacement.
/// </para>
/// <para>
/// SentencePiece takes the longest rule that the text begins with (<see cref="TryLongest"/>). The normalizer
/// <c>Precompiled</c> of <c>tokenizer.json</c> asks with a whole grapheme cluster or code point and takes the shortest
/// rule that it begins with, for all of it (<see cref="TryShortest"/>). Both read the same rules from here.
/// </para>
/// <para>An instance never changes: any number of threads may use it.</para>
/// </remarks>
public sealed class Charsmap
{
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private Charsmap(uint[] units, byte[] replacements)
    {
        _units = units;
        _replacements = replacements;
    }

    /// <summary>Reads compiled rules.</summary>
    /// <param name="data">The bytes of <c>precompiled_charsmap</c>, decoded from base64 where a JSON file holds them.</param>
    /// <exception cref="InvalidDataException">The data is cut off or its trie has no root.</exception>
    public static Charsmap Read(ReadOnlySpan<byte> data)
    {
        if (data.Length <= sizeof(uint))
        {
            throw Invalid($"it has {data.Length} bytes, expected more than {sizeof(uint)}");
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(data);
        ReadOnlySpan<byte> rest = data[sizeof(uint)..];
        if (size > rest.Length || size < sizeof(uint) || size % sizeof(uint) != 0)
        {
            throw Invalid($"the size of its trie is {size}, expected a multiple of {sizeof(uint)} up to {rest.Length}");
        }

        var units = new uint[size / sizeof(uint)];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(rest[(i * sizeof(uint))..]);
        }

        return new Charsmap(units, rest[(int)size..].ToArray());
    }

    /// <summary>The longest rule that a text begins with.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="length">The bytes of the text that the rule takes; 0 when there is none.</param>
    /// <param name="replacement">What replaces them, UTF-8; may be empty.</param>
    public bool TryLongest(ReadOnlySpan<byte> text, out int length, out ReadOnlySpan<byte> replacement) =>
        Search(text, stopAtFirst: false, out length, out replacement);

    /// <summary>The shortest rule that a text begins with.</summary>
    /// <inheritdoc cref="TryLongest"/>
    public bool TryShortest(ReadOnlySpan<byte> text, out int length, out ReadOnlySpan<byte> replacement) =>
        Search(text, stopAtFirst: true, out length, out replacement);

    private static InvalidDataException Invalid(string problem) =>
        new($"The compiled normalization rules are broken: {problem}. Take the tokenizer's file from its source again.");

    // The fields of a unit: 8 bits of label (and the top bit, set in leaves), a flag for a leaf below, and the distance
    // to the units below, in steps of 1 or 256.
    private static uint Label(uint unit) => unit & 0x800000FF;

    private static bool HasLeaf(uint unit) => (unit & 0x100) != 0;

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    private bool Search(ReadOnlySpan<byte> text, bool stopAtFirst, out int length, out ReadOnlySpan<byte> replacement)
    {
        length = 0;
        uint place = 0;
        uint[] units = _units;
        uint node = Offset(units[0]);
        for (int i = 0; i < text.Length; i++)
        {
            node ^= text[i];
            // A damaged trie may point anywhere: such a rule does not exist.
            if (node >= (uint)units.Length || Label(units[node]) != text[i])
            {
                break;
            }

            uint unit = units[node];
            node ^= Offset(unit);
            if (HasLeaf(unit) && node < (uint)units.Length)
            {
                length = i + 1;
                place = units[node] & 0x7FFFFFFF;
                if (stopAtFirst)
                {
                    break;
                }
            }
        }

        if (length == 0 || place >= (uint)_replacements.Length)
        {
            length = 0;
            replacement = default;
            return false;
        }

        replacement = _replacements.AsSpan((int)place);
        int end = replacement.IndexOf((byte)0);
        replacement = end < 0 ? replacement : replacement[..end];
        return true;
    }
}
