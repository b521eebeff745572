using System.Buffers.Binary;
using System.Text;

namespace Percept.Text;

/// <summary>Reads the fields of one protocol-buffers message, as far as SentencePiece models use the format.</summary>
/// <remarks>Lengths are checked against the bytes that are there, so what is allocated is bounded by the
/// file.</remarks>
internal ref struct ProtoReader
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _data;
    private readonly string _message;
    private readonly int _origin;
    private int _position;
    private int _wire;

    /// <summary>Starts at the first field.</summary>
    /// <param name="data">The message.</param>
    /// <param name="message">Its name, for errors.</param>
    /// <param name="origin">Where it stands in the file, for errors.</param>
    internal ProtoReader(ReadOnlySpan<byte> data, string message, int origin = 0)
    {
        _data = data;
        _message = message;
        _origin = origin;
    }

    /// <summary>The number of the field that was read last.</summary>
    internal int Field { get; private set; }

    /// <summary>Goes to the next field; false at the end. Its value must be read or skipped.</summary>
    internal bool Next()
    {
        if (_position == _data.Length)
        {
            return false;
        }

        ulong tag = Raw();
        Field = tag >> 3 is > 0 and <= 0x1FFFFFFF ? (int)(tag >> 3) : throw Invalid($"has the field number {tag >> 3}");
        _wire = (int)(tag & 7);
        return true;
    }

    internal long Number()
    {
        Expect(0, "a number");
        return (long)Raw();
    }

    internal bool Flag() => Number() != 0;

    internal float Float()
    {
        Expect(5, "a 32-bit number");
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    internal ReadOnlySpan<byte> Bytes()
    {
        Expect(2, "a length and bytes");
        ulong length = Raw();
        return length <= (ulong)(_data.Length - _position)
            ? Take((int)length)
            : throw Invalid($"has a field {Field} of {length} bytes where {_data.Length - _position} are left");
    }

    internal string Text()
    {
        ReadOnlySpan<byte> bytes = Bytes();
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Invalid($"has a field {Field} that is no valid UTF-8");
        }
    }

    /// <summary>A message within this one.</summary>
    internal ProtoReader Message(string name)
    {
        ReadOnlySpan<byte> bytes = Bytes();
        return new ProtoReader(bytes, name, _origin + _position - bytes.Length);
    }

    internal void Skip()
    {
        switch (_wire)
        {
            case 0:
                Raw();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                Bytes();
                break;
            case 5:
                Take(4);
                break;
            default:
                throw Invalid($"has a field {Field} of the wire type {_wire}, expected 0, 1, 2 or 5");
        }
    }

    internal readonly InvalidDataException Invalid(string problem) => new(
        $"The SentencePiece model is broken: at byte {_origin + _position}, {_message} {problem}. "
        + "Take the file from its source again; a file of the kind 'tokenizer.json' is read elsewhere.");

    private readonly void Expect(int wire, string what)
    {
        if (_wire != wire)
        {
            throw Invalid($"has a field {Field} of the wire type {_wire}, expected {wire} ({what})");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _data.Length - _position)
        {
            throw Invalid("is cut off");
        }

        _position += count;
        return _data.Slice(_position - count, count);
    }

    private ulong Raw()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << Math.Min(shift, 63);
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Invalid("has a number of more than 10 bytes");
    }
}
