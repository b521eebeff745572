using System.Text;
using Percept.Text;

namespace Percept.Inference;

/// <summary>
/// Finds stop strings in the bytes of tokens as they come: an automaton over all of them (Aho–Corasick), so that a
/// string may begin in one token and end inside another. Immutable; the state of a row is one number.
/// </summary>
internal sealed class StopMatcher
{
    private const int MaxBytes = 1 << 16;

    private readonly TokenBytes _bytes;
    private readonly int[] _next;
    private readonly bool[] _ends;
    private readonly int _longest;

    /// <summary>Makes an automaton.</summary>
    /// <param name="texts">The stop strings.</param>
    /// <param name="bytes">The bytes of the tokens.</param>
    internal StopMatcher(IReadOnlyList<string> texts, TokenBytes bytes)
    {
        _bytes = bytes;
        byte[][] keys = [.. texts.Select(Encoding.UTF8.GetBytes)];
        _longest = keys.Max(key => key.Length);
        int capacity = keys.Sum(key => key.Length) + 1;
        SettingsCheck.Require(
            capacity <= MaxBytes, "stop_strings", $"{capacity - 1} bytes long", $"less than {MaxBytes} bytes in all");
        _next = new int[capacity * 256];
        _ends = new bool[capacity];
        Link(AddKeys(keys));
    }

    /// <summary>
    /// The state behind a prompt: a stop string may begin there, but one that ends there does not count.
    /// </summary>
    internal int Start(ReadOnlySpan<int> prompt)
    {
        int first = prompt.Length;
        for (int bytes = 0; first > 0 && bytes < _longest; first--)
        {
            bytes += _bytes[prompt[first - 1]].Length;
        }

        int state = 0;
        foreach (int id in prompt[first..])
        {
            state = Step(state, id, out _);
        }

        return state;
    }

    /// <summary>The state after one more token.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="token">The token.</param>
    /// <param name="matches">Whether a stop string ends within the token.</param>
    internal int Step(int state, int token, out bool matches)
    {
        matches = false;
        foreach (byte value in _bytes[token])
        {
            state = _next[(state * 256) + value];
            matches |= _ends[state];
        }

        return state;
    }

    private int AddKeys(byte[][] keys)
    {
        int count = 1;
        foreach (byte[] key in keys)
        {
            int node = 0;
            foreach (byte value in key)
            {
                ref int next = ref _next[(node * 256) + value];
                next = next == 0 ? count++ : next;
                node = next;
            }

            _ends[node] = true;
        }

        return count;
    }

    // Nodes in order of depth; a missing step is that of the longest proper end that is also a beginning.
    private void Link(int count)
    {
        var fallback = new int[count];
        var order = new Queue<int>();
        order.Enqueue(0);
        while (order.TryDequeue(out int node))
        {
            _ends[node] |= _ends[fallback[node]];
            for (int value = 0; value < 256; value++)
            {
                ref int next = ref _next[(node * 256) + value];
                int other = node == 0 ? 0 : _next[(fallback[node] * 256) + value];
                if (next == 0)
                {
                    next = other;
                }
                else
                {
                    fallback[next] = other;
                    order.Enqueue(next);
                }
            }
        }
    }
}
