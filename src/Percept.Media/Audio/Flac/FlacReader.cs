using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Percept.Media;

/// <summary>Reads FLAC files: 4 to 32 bits, all subframes and stereo modes. Source: RFC 9639.</summary>
/// <remarks>Samples are integer / 2^(bits − 1). Every frame's CRC-16 is checked; the MD5 of all samples on demand.</remarks>
internal sealed class FlacReader
{
    private const int LeastFrameBytes = 10;

    /// <summary>Memory is taken at once only where the file is not smaller than this part of the samples.</summary>
    private const int PlausibleRatio = 32;

    private readonly FlacStreamInfo _info;
    private readonly DecodeGuard _guard;
    private readonly IncrementalHash? _hash;
    private readonly float _scale;
    private int[] _block = [];
    private int[] _residual = [];
    private long[] _wide = [];
    private byte[] _hashed = [];
    private float[] _samples;
    private int _capacity;
    private int _length;

    private FlacReader(in FlacStreamInfo info, DecodeGuard guard, IncrementalHash? hash, int capacity)
    {
        _info = info;
        _guard = guard;
        _hash = hash;
        _scale = 1f / (1L << (info.Bits - 1));
        _capacity = capacity;
        _samples = GC.AllocateUninitializedArray<float>(capacity * info.Channels);
    }

    internal static bool Matches(ReadOnlySpan<byte> data) => data[Id3.Skip(data)..].StartsWith("fLaC"u8);

    internal static AudioInfo Identify(ReadOnlyMemory<byte> data, DecodeGuard guard)
    {
        FlacStreamInfo info = FlacStreamInfo.Read(data.Span);
        return new AudioInfo(AudioFormat.Flac, info.Channels, info.SampleRate, info.Bits, info.Total == 0 ? null : info.Total);
    }

    internal static Sound Decode(ReadOnlyMemory<byte> data, DecodeGuard guard, bool verify)
    {
        FlacStreamInfo info = FlacStreamInfo.Read(data.Span);
        guard.CheckSound("FLAC", info.Total, info.SampleRate, info.Channels);
        ReadOnlySpan<byte> wanted = data.Span.Slice(info.Md5At, 16);

        // A header may promise more than the file can hold: then memory grows with what is really there.
        bool plausible = info.Total > 0 && info.Total * info.Channels <= (long)data.Length * PlausibleRatio;
        using IncrementalHash? hash = verify && wanted.ContainsAnyExcept((byte)0)
            ? IncrementalHash.CreateHash(HashAlgorithmName.MD5)
            : null;
        var reader = new FlacReader(info, guard, hash, plausible ? (int)info.Total : 0);
        try
        {
            reader.DecodeFrames(data.Span);
        }
        finally
        {
            reader.ReturnBuffers();
        }

        if (hash is not null && !hash.GetHashAndReset().AsSpan().SequenceEqual(wanted))
        {
            throw new InvalidDataException("The FLAC file's samples do not have the MD5 that its header states.");
        }

        return reader.ToSound();
    }

    private void DecodeFrames(ReadOnlySpan<byte> data)
    {
        int at = _info.FramesAt;
        long frames = 0;
        long origin = 0;
        while (_info.Total > 0 ? _length < _info.Total : data.Length - at >= LeastFrameBytes && !Id3.IsTrailer(data[at..]))
        {
            _guard.Tick();
            if (at >= data.Length)
            {
                throw new InvalidDataException(
                    $"The FLAC file ends after {_length} of {_info.Total} samples; it was cut off.");
            }

            var bits = new FlacBits(data, at);
            FlacFrameHeader header = FlacFrameHeader.Read(ref bits, data, _info);
            if (header.BlockSize > _info.MaxBlock || (_info.Total > 0 && header.BlockSize > _info.Total - _length))
            {
                throw new InvalidDataException(
                    $"The FLAC file has a frame of {header.BlockSize} samples; the header allows {_info.MaxBlock} a frame " +
                    $"and {_info.Total} in all, {_length} have been read.");
            }

            // A live stream of unknown length may begin anywhere; from there on no frame may be missing.
            long place = header.IsVariable ? _length : frames;
            origin = frames == 0 && _info.Total == 0 ? header.Number : origin;
            if (header.Number != origin + place)
            {
                throw new InvalidDataException(
                    $"The FLAC frame at byte {at} has the number {header.Number}, expected {origin + place}: frames are missing.");
            }

            Reserve(header);
            DecodeFrame(ref bits, header);
            bits.AlignZero();
            int end = bits.Position;
            uint stated = bits.Take(16);
            if (FlacCrc.Crc16(data[at..end]) != stated)
            {
                throw new InvalidDataException($"The FLAC frame at byte {at} is damaged: its CRC-16 is wrong.");
            }

            Append(header.BlockSize);
            at = end + 2;
            frames++;
        }
    }

    private void Reserve(FlacFrameHeader header)
    {
        int size = header.BlockSize;
        _guard.CheckSound("FLAC", (long)_length + size, _info.SampleRate, _info.Channels);
        if (_block.Length < size * _info.Channels)
        {
            ArrayPool<int>.Shared.Return(_block);
            _block = ArrayPool<int>.Shared.Rent(size * _info.Channels);
        }

        if (header.Bits == 32 && header.Assignment >= FlacFrameHeader.LeftSide && _wide.Length < size)
        {
            ArrayPool<int>.Shared.Return(_residual);
            ArrayPool<long>.Shared.Return(_wide);
            _residual = ArrayPool<int>.Shared.Rent(size);
            _wide = ArrayPool<long>.Shared.Rent(size);
        }

        if (_length + size > _capacity)
        {
            int capacity = (int)Math.Min(
                Math.Max((long)_capacity * 2, _length + size), Math.Min(Array.MaxLength, int.MaxValue / sizeof(float)) / _info.Channels);
            float[] grown = GC.AllocateUninitializedArray<float>(capacity * _info.Channels);
            for (int c = 0; c < _info.Channels; c++)
            {
                _samples.AsSpan(c * _capacity, _length).CopyTo(grown.AsSpan(c * capacity));
            }

            (_samples, _capacity) = (grown, capacity);
        }
    }

    private void DecodeFrame(ref FlacBits bits, FlacFrameHeader header)
    {
        int size = header.BlockSize;
        for (int c = 0; c < header.Channels; c++)
        {
            bool isSide = header.Assignment == FlacFrameHeader.SideRight ? c == 0
                : header.Assignment >= FlacFrameHeader.LeftSide && c == 1;
            if (isSide && header.Bits == 32)
            {
                FlacSubframe.DecodeWide(ref bits, _wide.AsSpan(0, size), _residual.AsSpan(0, size), 33);
            }
            else
            {
                FlacSubframe.Decode(ref bits, _block.AsSpan(c * size, size), header.Bits + (isSide ? 1 : 0));
            }
        }

        if (header.Assignment >= FlacFrameHeader.LeftSide)
        {
            Span<int> first = _block.AsSpan(0, size);
            Span<int> second = _block.AsSpan(size, size);
            if (header.Bits == 32)
            {
                FlacStereo.RestoreWide(header.Assignment, first, second, _wide.AsSpan(0, size));
            }
            else
            {
                FlacStereo.Restore(header.Assignment, first, second);
            }
        }
    }

    /// <summary>Scales the block's samples and puts them behind those of the blocks before.</summary>
    private void Append(int size)
    {
        float scale = _scale;
        for (int c = 0; c < _info.Channels; c++)
        {
            ReadOnlySpan<int> from = _block.AsSpan(c * size, size);
            Span<float> to = _samples.AsSpan((c * _capacity) + _length, size);
            for (int i = 0; i < from.Length; i++)
            {
                to[i] = from[i] * scale;
            }
        }

        _length += size;
        if (_hash is not null)
        {
            Hash(size);
        }
    }

    private void Hash(int size)
    {
        int width = (_info.Bits + 7) / 8;
        int bytes = size * _info.Channels * width;
        if (_hashed.Length < bytes + 4)
        {
            ArrayPool<byte>.Shared.Return(_hashed);
            _hashed = ArrayPool<byte>.Shared.Rent(bytes + 4);
        }

        int at = 0;
        for (int i = 0; i < size; i++)
        {
            for (int c = 0; c < _info.Channels; c++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(_hashed.AsSpan(at), _block[(c * size) + i]);
                at += width;
            }
        }

        _hash!.AppendData(_hashed.AsSpan(0, bytes));
    }

    private void ReturnBuffers()
    {
        ArrayPool<int>.Shared.Return(_block);
        ArrayPool<int>.Shared.Return(_residual);
        ArrayPool<long>.Shared.Return(_wide);
        ArrayPool<byte>.Shared.Return(_hashed);
    }

    private Sound ToSound()
    {
        if (_length == _capacity)
        {
            return Sound.Adopt(_info.Channels, _length, _info.SampleRate, _samples);
        }

        Sound sound = Sound.Uninitialized(_info.Channels, _length, _info.SampleRate);
        for (int c = 0; c < _info.Channels; c++)
        {
            _samples.AsSpan(c * _capacity, _length).CopyTo(sound.Channel(c));
        }

        return sound;
    }
}
