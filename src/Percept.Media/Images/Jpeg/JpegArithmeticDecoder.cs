using System.Numerics;
using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>The QM coder: decides binary questions by adaptive probabilities (ITU-T T.81, annex D).</summary>
/// <remarks>
/// Of each question a byte is kept: the more probable answer in bit 7, below it the state of its probability. Encoders
/// leave out zeros at the end of the data, any number of them; the decoder supplies zeros there.
/// </remarks>
internal sealed unsafe class JpegArithmeticDecoder(JpegEntropySource source)
{
    /// <summary>The state of even odds, which never changes.</summary>
    private const byte Even = 113;

    /// <summary>An interval below this is doubled until it is not.</summary>
    private const uint Half = 0x8000;

    /// <summary>From the question whether a magnitude has a bit more to the one for its lower bits.</summary>
    private const int BelowMagnitude = 14;

    /// <summary>Magnitudes above 15 bits do not exist.</summary>
    private const int TooGreat = 1 << 15;

    private static readonly uint[] s_transitions = MakeTransitions();

    private uint _code;
    private uint _interval;
    private int _bits;
    private byte* _next;
    private byte* _end;
    private byte _even = Even;

    /// <summary>Whether all bytes of the data were taken and zeros are supplied.</summary>
    internal bool Exhausted { get; private set; }

    /// <summary>The share of the interval that the less probable answer takes, of each state (table D.3).</summary>
    private static ReadOnlySpan<ushort> Shares =>
    [
        0x5A1D, 0x2586, 0x1114, 0x080B, 0x03D8, 0x01DA, 0x00E5, 0x006F, 0x0036, 0x001A, 0x000D, 0x0006,
        0x0003, 0x0001, 0x5A7F, 0x3F25, 0x2CF2, 0x207C, 0x17B9, 0x1182, 0x0CEF, 0x09A1, 0x072F, 0x055C,
        0x0406, 0x0303, 0x0240, 0x01B1, 0x0144, 0x00F5, 0x00B7, 0x008A, 0x0068, 0x004E, 0x003B, 0x002C,
        0x5AE1, 0x484C, 0x3A0D, 0x2EF1, 0x261F, 0x1F33, 0x19A8, 0x1518, 0x1177, 0x0E74, 0x0BFB, 0x09F8,
        0x0861, 0x0706, 0x05CD, 0x04DE, 0x040F, 0x0363, 0x02D4, 0x025C, 0x01F8, 0x01A4, 0x0160, 0x0125,
        0x00F6, 0x00CB, 0x00AB, 0x008F, 0x5B12, 0x4D04, 0x412C, 0x37D8, 0x2FE8, 0x293C, 0x2379, 0x1EDF,
        0x1AA9, 0x174E, 0x1424, 0x119C, 0x0F6B, 0x0D51, 0x0BB6, 0x0A40, 0x5832, 0x4D1C, 0x438E, 0x3BDD,
        0x34EE, 0x2EAE, 0x299A, 0x2516, 0x5570, 0x4CA9, 0x44D9, 0x3E22, 0x3824, 0x32B4, 0x2E17, 0x56A8,
        0x4F46, 0x47E5, 0x41CF, 0x3C3D, 0x375E, 0x5231, 0x4C0F, 0x4639, 0x415E, 0x5627, 0x50E7, 0x4B85,
        0x5597, 0x504F, 0x5A10, 0x5522, 0x59EB, 0x5A1D,
    ];

    /// <summary>The state behind the less probable answer.</summary>
    private static ReadOnlySpan<byte> AfterLessProbable =>
    [
        1, 14, 16, 18, 20, 23, 25, 28, 30, 33, 35, 9, 10, 12, 15, 36, 38, 39, 40, 42,
        43, 45, 46, 48, 49, 51, 52, 54, 56, 57, 59, 60, 62, 63, 32, 33, 37, 64, 65, 67,
        68, 69, 70, 72, 73, 74, 75, 77, 78, 79, 48, 50, 50, 51, 52, 53, 54, 55, 56, 57,
        58, 59, 61, 61, 65, 80, 81, 82, 83, 84, 86, 87, 87, 72, 72, 74, 74, 75, 77, 77,
        80, 88, 89, 90, 91, 92, 93, 86, 88, 95, 96, 97, 99, 99, 93, 95, 101, 102, 103, 104,
        99, 105, 106, 107, 103, 105, 108, 109, 110, 111, 110, 112, 112, 113,
    ];

    /// <summary>The state behind the more probable answer, where the interval was doubled.</summary>
    private static ReadOnlySpan<byte> AfterMoreProbable =>
    [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13, 15, 16, 17, 18, 19, 20,
        21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 9, 37, 38, 39, 40,
        41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60,
        61, 62, 63, 32, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 48,
        81, 82, 83, 84, 85, 86, 87, 71, 89, 90, 91, 92, 93, 94, 86, 96, 97, 98, 99, 100,
        93, 102, 103, 104, 99, 106, 107, 103, 109, 107, 111, 109, 111, 113,
    ];

    /// <summary>The states in which the less probable answer becomes the more probable one.</summary>
    private static ReadOnlySpan<byte> Switching => [0, 14, 36, 64, 80, 88, 95, 105, 110, 112];

    /// <summary>Begins with the bytes that <see cref="JpegEntropySource"/> has come to.</summary>
    internal void Start()
    {
        Exhausted = false;
        _next = _end = null;
        _code = NextByte() << 8;
        _code |= NextByte();
        _interval = 2 * Half;
        _bits = 0;
    }

    /// <summary>Decides a question of even odds.</summary>
    internal bool DecideEvenly() => Decide(ref _even);

    /// <summary>Decides a question and learns from the answer.</summary>
    internal bool Decide(ref byte state)
    {
        uint now = state;
        uint transition = s_transitions[now & 0x7F];
        uint share = transition >> 16;
        uint interval = _interval - share;
        uint split = interval << _bits;
        bool surprise;
        if (_code < split)
        {
            if (interval >= Half)
            {
                _interval = interval;
                return now >> 7 != 0;
            }

            // The smaller part belongs to the less probable answer, whichever part that is.
            surprise = interval < share;
        }
        else
        {
            _code -= split;
            surprise = interval >= share;
            interval = share;
        }

        state = (byte)((now & 0x80) ^ (surprise ? transition : transition >> 8));
        int doublings = BitOperations.LeadingZeroCount(interval) - 16;
        _interval = interval << doublings;
        _bits -= doublings;
        while (_bits < 0)
        {
            _code = (_code << 8) | NextByte();
            _bits += 8;
        }

        return (now >> 7 != 0) ^ surprise;
    }

    /// <summary>The highest bit of a magnitude above 1, each further bit by a question of its own.</summary>
    internal int Magnitude(byte[] states, ref int at, int magnitude)
    {
        while (Decide(ref states[at]))
        {
            magnitude <<= 1;
            if (magnitude == TooGreat)
            {
                throw Damaged("a coefficient of more than 15 bits");
            }

            at++;
        }

        return magnitude;
    }

    /// <summary>The bits below the highest one.</summary>
    internal int LowerBits(byte[] states, int at, int magnitude)
    {
        int value = magnitude;
        for (int bit = magnitude >> 1; bit > 0; bit >>= 1)
        {
            value |= Decide(ref states[at + BelowMagnitude]) ? bit : 0;
        }

        return value + 1;
    }

    /// <summary>What is thrown where the data says what does not exist.</summary>
    internal static InvalidDataException Damaged(string found) =>
        new($"An arithmetic-coded scan of the JPEG file has {found}: the data is damaged.");

    /// <summary>Share, next state after the more and after the less probable answer with the switch in bit 7.</summary>
    private static uint[] MakeTransitions()
    {
        uint[] transitions = new uint[128];
        for (int i = 0; i < Shares.Length; i++)
        {
            uint turn = Switching.Contains((byte)i) ? 0x80u : 0;
            transitions[i] = ((uint)Shares[i] << 16) | ((uint)AfterMoreProbable[i] << 8) | AfterLessProbable[i] | turn;
        }

        return transitions;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint NextByte() => _next < _end ? *_next++ : NextWindow();

    private uint NextWindow()
    {
        if (!Exhausted && source.TakeBytes(out _next, out _end))
        {
            return *_next++;
        }

        Exhausted = true;
        return 0;
    }
}
