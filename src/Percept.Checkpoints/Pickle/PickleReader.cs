using System.Buffers.Binary;
using System.Text;

namespace Percept.Checkpoints;

/// <summary>
/// Reads Python's pickle format as data: a closed list of opcodes builds numbers, texts, containers and the descriptions
/// of tensors. Nothing is ever called, imported or executed (format: CPython, Lib/pickletools.py; what torch.save writes:
/// PyTorch, torch/serialization.py).
/// </summary>
/// <remarks>
/// Time and memory are bounded by the length of the input: each opcode makes at most one value, and a value used twice is
/// shared, not copied.
/// </remarks>
internal ref struct PickleReader
{
    private const int MaxProtocol = 5;
    private const int MaxValues = 8_000_000;
    private const int MaxGlobal = 256;

    private static readonly object s_mark = new();
    private static readonly object s_true = true;
    private static readonly object s_false = false;
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _data;
    private readonly PickleGlobals _globals;
    private readonly string _file;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _values;

    internal PickleReader(ReadOnlySpan<byte> data, PickleGlobals globals, string file)
    {
        _data = data;
        _globals = globals;
        _file = file;
    }

    /// <summary>The next byte; behind the pickle once it was read.</summary>
    internal int Position { get; private set; }

    /// <summary>Reads one pickle.</summary>
    /// <returns>Null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, an array of
    /// <see cref="byte"/>, <see cref="PickleTuple"/>, <see cref="PickleList"/>, <see cref="PickleDict"/>,
    /// <see cref="PickleGlobal"/>, <see cref="PickleStorage"/> or <see cref="PickleTensor"/>.</returns>
    /// <exception cref="InvalidDataException">It is damaged or hostile.</exception>
    /// <exception cref="NotSupportedException">It uses an opcode or a name that is not on the list.</exception>
    internal object? Read()
    {
        while (true)
        {
            byte opcode = Byte();
            if (opcode == (byte)'.')
            {
                object? result = Pop();
                return _stack.Count == 0 ? result : throw Invalid($"{_stack.Count} values are left over at its end");
            }

            Step(opcode);
        }
    }

    private void Step(byte opcode)
    {
        switch (opcode)
        {
            case 0x80:
                int protocol = Byte();
                if (protocol > MaxProtocol)
                {
                    throw new NotSupportedException(
                        $"'{_file}' is a pickle of protocol {protocol}, at most {MaxProtocol} can be read. " +
                        "Save the checkpoint again with torch.save.");
                }

                break;
            case 0x95:
                Take(8);
                break;
            case (byte)'(':
                Push(s_mark);
                break;
            case (byte)'N':
                Push(null);
                break;
            case 0x88:
                Push(s_true);
                break;
            case 0x89:
                Push(s_false);
                break;
            case (byte)'h' or (byte)'j':
                Push(Recall(opcode == (byte)'h' ? Byte() : UInt32()));
                break;
            case (byte)'q' or (byte)'r':
                Remember(opcode == (byte)'q' ? Byte() : UInt32());
                break;
            case 0x94:
                Remember((uint)_memo.Count);
                break;
            default:
                if (!StepNumber(opcode) && !StepText(opcode) && !StepContainer(opcode) && !StepObject(opcode))
                {
                    throw new NotSupportedException(
                        $"'{_file}' uses the pickle opcode 0x{opcode:x2} at byte {Position - 1}, which no checkpoint needs. " +
                        "Save only the state dict, or convert it to safetensors where you trust it.");
                }

                break;
        }
    }

    private bool StepNumber(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                return true;
            case (byte)'K':
                Push((long)Byte());
                return true;
            case (byte)'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                return true;
            case 0x8a:
                Push(Integer(Take(Byte())));
                return true;
            case 0x8b:
                Push(Integer(Take(UInt32())));
                return true;
            case (byte)'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                return true;
            default:
                return false;
        }
    }

    private bool StepText(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'X':
                Push(Text(Take(UInt32())));
                return true;
            case 0x8c:
                Push(Text(Take(Byte())));
                return true;
            case 0x8d:
                Push(Text(Take(UInt64())));
                return true;
            // Texts of Python 2.
            case (byte)'T':
                Push(Text(Take(UInt32())));
                return true;
            case (byte)'U':
                Push(Text(Take(Byte())));
                return true;
            case (byte)'B':
                Push(Take(UInt32()).ToArray());
                return true;
            case (byte)'C':
                Push(Take(Byte()).ToArray());
                return true;
            case 0x8e:
                Push(Take(UInt64()).ToArray());
                return true;
            default:
                return false;
        }
    }

    private bool StepContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)']' or 0x8f:
                Push(new PickleList());
                return true;
            case (byte)'}':
                Push(new PickleDict());
                return true;
            case (byte)')':
                Push(new PickleTuple([]));
                return true;
            case (byte)'t':
                Push(new PickleTuple(PopToMark()));
                return true;
            case 0x85 or 0x86 or 0x87:
                Push(new PickleTuple(Pop(opcode - 0x84)));
                return true;
            case 0x91:
                object?[] frozen = PopToMark();
                var set = new PickleList();
                set.Items.AddRange(frozen);
                Push(set);
                return true;
            case (byte)'a':
                Append(Pop(1));
                return true;
            case (byte)'e' or 0x90:
                Append(PopToMark());
                return true;
            case (byte)'s':
                SetItems(Pop(2));
                return true;
            case (byte)'u':
                SetItems(PopToMark());
                return true;
            default:
                return false;
        }
    }

    private bool StepObject(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c':
                string module = Line();
                Push(_globals.Find(module, Line()));
                return true;
            case 0x93:
                object?[] names = Pop(2);
                Push(names is [string space, string name]
                    ? _globals.Find(space, name)
                    : throw Invalid("a global's name is no text"));
                return true;
            case (byte)'Q':
                Push(_globals.Storage(Pop()));
                return true;
            case (byte)'R':
                object?[] call = Pop(2);
                Push(_globals.Build(call[0], call[1]));
                return true;
            case (byte)'b':
                object?[] state = Pop(2);
                _globals.CheckState(state[0], state[1]);
                Push(state[0]);
                return true;
            default:
                return false;
        }
    }

    private readonly InvalidDataException Invalid(string problem) =>
        _globals.Invalid($"its pickle is broken before byte {Position}: {problem}");

    private void Push(object? value)
    {
        if (++_values > MaxValues)
        {
            throw Invalid($"it has more than {MaxValues} values");
        }

        _stack.Add(value);
    }

    private readonly object? Pop()
    {
        if (_stack.Count == 0 || ReferenceEquals(_stack[^1], s_mark))
        {
            throw Invalid("a value is missing on the stack");
        }

        object? value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private readonly object?[] Pop(int count)
    {
        var values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            values[i] = Pop();
        }

        return values;
    }

    private readonly object?[] PopToMark()
    {
        int mark = _stack.Count - 1;
        while (mark >= 0 && !ReferenceEquals(_stack[mark], s_mark))
        {
            mark--;
        }

        if (mark < 0)
        {
            throw Invalid("a mark is missing on the stack");
        }

        object?[] values = [.. _stack.GetRange(mark + 1, _stack.Count - mark - 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private readonly void Append(object?[] values)
    {
        if (_stack.Count == 0 || _stack[^1] is not PickleList list)
        {
            throw Invalid("items are added to what is no list");
        }

        list.Items.AddRange(values);
    }

    private readonly void SetItems(object?[] values)
    {
        if (_stack.Count == 0 || _stack[^1] is not PickleDict dict || values.Length % 2 != 0)
        {
            throw Invalid("pairs are set in what is no dictionary");
        }

        for (int i = 0; i < values.Length; i += 2)
        {
            dict.Items.Add(new(values[i], values[i + 1]));
        }
    }

    private readonly object? Recall(uint index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw Invalid($"memo {index} is empty");

    private readonly void Remember(uint index)
    {
        if (_stack.Count == 0 || ReferenceEquals(_stack[^1], s_mark))
        {
            throw Invalid("there is nothing to remember");
        }

        _memo[index] = _stack[^1];
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_data.Length - Position))
        {
            throw Invalid($"a value of {count} bytes does not fit in the {_data.Length - Position} that are left");
        }

        Position += (int)count;
        return _data.Slice(Position - (int)count, (int)count);
    }

    private byte Byte() => Take(1)[0];

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    private readonly object Integer(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
        {
            throw Invalid($"it has a whole number of {bytes.Length} bytes, expected at most 8");
        }

        long value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        // The highest bit is the sign.
        int unused = 64 - (8 * bytes.Length);
        return unused is 0 or 64 ? value : value << unused >> unused;
    }

    private readonly string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Invalid("a text is not valid UTF-8");
        }
    }

    private string Line()
    {
        ReadOnlySpan<byte> rest = _data[Position..];
        int length = rest[..Math.Min(rest.Length, MaxGlobal + 1)].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Invalid($"a global's name has no end within {MaxGlobal} bytes");
        }

        Position += length + 1;
        return Text(rest[..length]);
    }
}
