using Percept.Media;

namespace Percept.TestSupport;

/// <summary>Small WebP files to mutate.</summary>
public static class MediaWebPSeeds
{
    private const long MaxAllocation = 64L << 20;

    private const string LossyText =
        "UklGRuAAAABXRUJQVlA4INQAAABwBwCdASoVABIAPrVGn0mkoiGYDAYASAtEtgBOmUI4GFWZuBqPwBhAGsZ+gB+mfWsgMgUirjOz2mpO" +
        "8OpUqO50GL/M4AD+9t/gOVIa+c1QCKoVhjAxT0/9yeEP78mFUrkexwo/d6OE3eug50grlBdadH+1/oH2vFZVQ9LrxwudfP3bRDgPf7mQ" +
        "6mVP0GRtfQpp7plIq8htw4p4QUF+d02BxJ239lw4YP/qXqage8pH9S9TUD72HDsrkIrGywvnp8jONwurxs2WrGld4PSfgb8BAAAAAA==";

    private const string LossySimpleText =
        "UklGRqQAAABXRUJQVlA4IJgAAAByBQCdASoVABIAPzmCulOvKCWisBgMBeAnCWwAnTKEgP+QcZv4AAs3SUS0O7g3lo/gc7vAAP7kEAEw" +
        "jUnu09jWi01JWf8Uap6/2guofPNufEe/QhXVOQsy2876KlCSY7JAqdzPMpiuRSUJa/YjfBZm5HW4btsEd4E/4EytiPlw3/BKS+MChNgT" +
        "0LfmTd16VT3JuRhWk4AAAA==";

    private const string LossyAlphaText =
        "UklGRrwAAABXRUJQVlA4WAoAAAAQAAAAFAAAEQAAQUxQSBsAAAABmYzof0BpACQM4P7/aaIxYgImAI+1fFOyLAAAVlA4IHoAAACQBQCd" +
        "ASoVABIAP3Gcxlk0qqejsBgMApAuCWwAnTKEdc9QIozAUmnMOYV0s5CZdjGN1nzkAAD+y4vHd1CXG9lOmI1VfQUSMlHdiGQj62ctiIht" +
        "JFsOw6zbtJbxlwbgAvdXW4XBjHtXRwRIKpu36OcXc80xyKwbIIAAAA==";

    private const string LossyRawAlphaText =
        "UklGRugBAABXRUJQVlA4WAoAAAAQAAAAFAAAEQAAQUxQSHsBAAAAAAkSGyQtNj9IUVpjbHV+h5CZoqu0BQ4XICkyO0RNVl9ocXqDjJWe" +
        "p7C5ChMcJS43QElSW2Rtdn+IkZqjrLW+DxghKjM8RU5XYGlye4SNlp+osbrDFB0mLzhBSlNcZW53gImSm6Sttr/IGSIrND1GT1hhanN8" +
        "hY6XoKmyu8TNHicwOUJLVF1mb3iBipOcpa63wMnSIyw1PkdQWWJrdH2Gj5ihqrO8xc7XKDE6Q0xVXmdweYKLlJ2mr7jBytPcLTY/SFFa" +
        "Y2x1foeQmaKrtL3Gz9jhMjtETVZfaHF6g4yVnqewucLL1N3mN0BJUltkbXZ/iJGao6y1vsfQ2eLrPEVOV2BpcnuEjZafqLG6w8zV3ufw" +
        "QUpTXGVud4CJkpukrba/yNHa4+z1Rk9YYWpzfIWOl6CpsrvEzdbf6PH6S1RdZm94gYqTnKWut8DJ0tvk7fb/UFlia3R9ho+YoaqzvMXO" +
        "1+Dp8vv/VV5ncHmCi5Sdpq+4wcrT3OXu9///AFZQOCBGAAAAcAMAnQEqFQASAD/9/v9/v7m2sjAYDAPwP4lsAKkm2kIgbL4AAP6h0wMx" +
        "pMVC8F+TAIOAFL1HGTRfcCDAT8WVzzDf6gAAAA==";

    private const string LosslessText =
        "UklGRnwAAABXRUJQVlA4TG8AAAAvFEAEEA0ARNL+5BtE9D/lACAI/+cOIvqf0kKYbVSC80eezX0FAskA+YNOwCAAwDKzbtu2+pd6AoVt" +
        "27Y4u2UKJDOAstMFS/tfmHSkdHTpWNJxpRNIJ5ZOJp1SOo10eulM0lmlc0jnVrjnfALf5wsA";

    private const string LosslessPaletteText =
        "UklGRmoAAABXRUJQVlA4TF4AAAAvFEAEAAYFbdtImAby0JXVPdmOQSQQSKxiG2xABW3bMDBLpDuhENT9V9i2DZLC4JQSUl3QEMw3lBEr" +
        "lICw360xpAQe2UOAMeupQLdhO3+DW5CshG8avNPiyQQSJfhF";

    private const string AnimatedText =
        "UklGRt4BAABXRUJQVlA4WAoAAAASAAAADwAACwAAQU5JTQYAAAAAAAAAAABBTk1GiAAAAAAAAAAAAAUAAAQAAAoAAANBTFBIHwAAAAwT" +
        "HiAgIB4RAAAAAAATAAAAAAASAAAAAAARAAAAAP8AVlA4IEgAAABQAQCdASoGAAUABABoJbAABYwAAP7p3O3fsX/4rz9q+b5//FB//hft" +
        "fjdfjdfkGr08tAPuHIkn5g0amXz+ixyJTUxTQxqgAABBTk1GkgAAAAEAAAEAAAYAAAQAABQAAANBTFBIJAAAAAwAEx4gICAeABEAAAAA" +
        "AAATAAAAAAAAEgAAAAAAABEAAAAA/1ZQOCBOAAAAUAEAnQEqBwAFAAQAaCWwAAWMAAD+6MP7/81//C1f/aP9Kf//wsp6/4fonZcpfWbf" +
        "lTfl3HKZ3+Po+4ciaICdcSqX6+to3UxUq7fUeAAAQU5NRogAAAADAAACAAAFAAAEAAAeAAACQUxQSB8AAAAMEx4gICAeEQAAAAAAEwAA" +
        "AAAAEgAAAAAAEQAAAAD/AFZQOCBIAAAAUAEAnQEqBgAFAAQAaCWwAAWMAAD+6dzt37F/+K8/avm+f/xQf/4X7X43X43X5Bq9PLQD7hyJ" +
        "J+YNGpl8/osciU1MU0MaoAAA";

    private static readonly ImageDecodeOptions s_options = new()
    {
        Limits = new MediaLimits { MaxPixels = 1 << 16, MaxTotalPixels = 1 << 18, MaxFrames = 20 },
    };

    /// <summary>21×18, lossy, with segments and the normal loop filter.</summary>
    public static byte[] Lossy => Convert.FromBase64String(LossyText);

    /// <summary>21×18, lossy, with a lossless alpha stream.</summary>
    public static byte[] LossyAlpha => Convert.FromBase64String(LossyAlphaText);

    /// <summary>21×18, lossy, with a raw alpha stream.</summary>
    public static byte[] LossyRawAlpha => Convert.FromBase64String(LossyRawAlphaText);

    /// <summary>21×18, lossless, with alpha.</summary>
    public static byte[] Lossless => Convert.FromBase64String(LosslessText);

    /// <summary>16×12, three frames of 10, 20 and 30 ms.</summary>
    public static byte[] Animated => Convert.FromBase64String(AnimatedText);

    /// <summary>The parsers.</summary>
    public static IReadOnlyList<FuzzTarget> Targets { get; } =
    [
        new(
            "WebP lossy",
            () => [Lossy, Convert.FromBase64String(LossySimpleText), LossyAlpha, LossyRawAlpha],
            Decode, MaxAllocation),
        new("WebP lossless", () => [Lossless, Convert.FromBase64String(LosslessPaletteText)], Decode, MaxAllocation),
        new("WebP animated", () => [Animated], Frames, MaxAllocation),
    ];

    private static void Decode(byte[] data)
    {
        ImageDecoder.Identify(data, s_options);
        ImageDecoder.Decode(data, s_options);
    }

    private static void Frames(byte[] data)
    {
        foreach (ImageFrame frame in ImageDecoder.DecodeFrames(data, s_options))
        {
            _ = frame.Image.Width;
        }
    }
}
