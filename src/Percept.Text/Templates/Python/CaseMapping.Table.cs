using System.Collections.Frozen;

namespace Percept.Text.Templates;

/// <summary>
/// The mappings that differ from the runtime's own, which are one to one: those to several characters (SpecialCasing
/// of Unicode), title case, and the dotless i.
/// </summary>
internal static partial class CaseMapping
{
    private static readonly FrozenDictionary<int, string> s_upper = new Dictionary<int, string>
    {
        [0xDF] = "\u0053\u0053", [0x131] = "\u0049", [0x149] = "\u02BC\u004E", [0x1F0] = "\u004A\u030C",
        [0x390] = "\u0399\u0308\u0301", [0x3B0] = "\u03A5\u0308\u0301", [0x587] = "\u0535\u0552",
        [0x1E96] = "\u0048\u0331", [0x1E97] = "\u0054\u0308", [0x1E98] = "\u0057\u030A", [0x1E99] = "\u0059\u030A",
        [0x1E9A] = "\u0041\u02BE", [0x1F50] = "\u03A5\u0313", [0x1F52] = "\u03A5\u0313\u0300",
        [0x1F54] = "\u03A5\u0313\u0301", [0x1F56] = "\u03A5\u0313\u0342", [0x1F80] = "\u1F08\u0399",
        [0x1F81] = "\u1F09\u0399", [0x1F82] = "\u1F0A\u0399", [0x1F83] = "\u1F0B\u0399", [0x1F84] = "\u1F0C\u0399",
        [0x1F85] = "\u1F0D\u0399", [0x1F86] = "\u1F0E\u0399", [0x1F87] = "\u1F0F\u0399", [0x1F88] = "\u1F08\u0399",
        [0x1F89] = "\u1F09\u0399", [0x1F8A] = "\u1F0A\u0399", [0x1F8B] = "\u1F0B\u0399", [0x1F8C] = "\u1F0C\u0399",
        [0x1F8D] = "\u1F0D\u0399", [0x1F8E] = "\u1F0E\u0399", [0x1F8F] = "\u1F0F\u0399", [0x1F90] = "\u1F28\u0399",
        [0x1F91] = "\u1F29\u0399", [0x1F92] = "\u1F2A\u0399", [0x1F93] = "\u1F2B\u0399", [0x1F94] = "\u1F2C\u0399",
        [0x1F95] = "\u1F2D\u0399", [0x1F96] = "\u1F2E\u0399", [0x1F97] = "\u1F2F\u0399", [0x1F98] = "\u1F28\u0399",
        [0x1F99] = "\u1F29\u0399", [0x1F9A] = "\u1F2A\u0399", [0x1F9B] = "\u1F2B\u0399", [0x1F9C] = "\u1F2C\u0399",
        [0x1F9D] = "\u1F2D\u0399", [0x1F9E] = "\u1F2E\u0399", [0x1F9F] = "\u1F2F\u0399", [0x1FA0] = "\u1F68\u0399",
        [0x1FA1] = "\u1F69\u0399", [0x1FA2] = "\u1F6A\u0399", [0x1FA3] = "\u1F6B\u0399", [0x1FA4] = "\u1F6C\u0399",
        [0x1FA5] = "\u1F6D\u0399", [0x1FA6] = "\u1F6E\u0399", [0x1FA7] = "\u1F6F\u0399", [0x1FA8] = "\u1F68\u0399",
        [0x1FA9] = "\u1F69\u0399", [0x1FAA] = "\u1F6A\u0399", [0x1FAB] = "\u1F6B\u0399", [0x1FAC] = "\u1F6C\u0399",
        [0x1FAD] = "\u1F6D\u0399", [0x1FAE] = "\u1F6E\u0399", [0x1FAF] = "\u1F6F\u0399", [0x1FB2] = "\u1FBA\u0399",
        [0x1FB3] = "\u0391\u0399", [0x1FB4] = "\u0386\u0399", [0x1FB6] = "\u0391\u0342",
        [0x1FB7] = "\u0391\u0342\u0399", [0x1FBC] = "\u0391\u0399", [0x1FC2] = "\u1FCA\u0399",
        [0x1FC3] = "\u0397\u0399", [0x1FC4] = "\u0389\u0399", [0x1FC6] = "\u0397\u0342",
        [0x1FC7] = "\u0397\u0342\u0399", [0x1FCC] = "\u0397\u0399", [0x1FD2] = "\u0399\u0308\u0300",
        [0x1FD3] = "\u0399\u0308\u0301", [0x1FD6] = "\u0399\u0342", [0x1FD7] = "\u0399\u0308\u0342",
        [0x1FE2] = "\u03A5\u0308\u0300", [0x1FE3] = "\u03A5\u0308\u0301", [0x1FE4] = "\u03A1\u0313",
        [0x1FE6] = "\u03A5\u0342", [0x1FE7] = "\u03A5\u0308\u0342", [0x1FF2] = "\u1FFA\u0399",
        [0x1FF3] = "\u03A9\u0399", [0x1FF4] = "\u038F\u0399", [0x1FF6] = "\u03A9\u0342",
        [0x1FF7] = "\u03A9\u0342\u0399", [0x1FFC] = "\u03A9\u0399", [0xFB00] = "\u0046\u0046",
        [0xFB01] = "\u0046\u0049", [0xFB02] = "\u0046\u004C", [0xFB03] = "\u0046\u0046\u0049",
        [0xFB04] = "\u0046\u0046\u004C", [0xFB05] = "\u0053\u0054", [0xFB06] = "\u0053\u0054",
        [0xFB13] = "\u0544\u0546", [0xFB14] = "\u0544\u0535", [0xFB15] = "\u0544\u053B", [0xFB16] = "\u054E\u0546",
        [0xFB17] = "\u0544\u053D",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<int, string> s_title = new Dictionary<int, string>
    {
        [0xDF] = "\u0053\u0073", [0x1C4] = "\u01C5", [0x1C5] = "\u01C5", [0x1C6] = "\u01C5", [0x1C7] = "\u01C8",
        [0x1C8] = "\u01C8", [0x1C9] = "\u01C8", [0x1CA] = "\u01CB", [0x1CB] = "\u01CB", [0x1CC] = "\u01CB",
        [0x1F1] = "\u01F2", [0x1F2] = "\u01F2", [0x1F3] = "\u01F2", [0x587] = "\u0535\u0582", [0x10D0] = "\u10D0",
        [0x10D1] = "\u10D1", [0x10D2] = "\u10D2", [0x10D3] = "\u10D3", [0x10D4] = "\u10D4", [0x10D5] = "\u10D5",
        [0x10D6] = "\u10D6", [0x10D7] = "\u10D7", [0x10D8] = "\u10D8", [0x10D9] = "\u10D9", [0x10DA] = "\u10DA",
        [0x10DB] = "\u10DB", [0x10DC] = "\u10DC", [0x10DD] = "\u10DD", [0x10DE] = "\u10DE", [0x10DF] = "\u10DF",
        [0x10E0] = "\u10E0", [0x10E1] = "\u10E1", [0x10E2] = "\u10E2", [0x10E3] = "\u10E3", [0x10E4] = "\u10E4",
        [0x10E5] = "\u10E5", [0x10E6] = "\u10E6", [0x10E7] = "\u10E7", [0x10E8] = "\u10E8", [0x10E9] = "\u10E9",
        [0x10EA] = "\u10EA", [0x10EB] = "\u10EB", [0x10EC] = "\u10EC", [0x10ED] = "\u10ED", [0x10EE] = "\u10EE",
        [0x10EF] = "\u10EF", [0x10F0] = "\u10F0", [0x10F1] = "\u10F1", [0x10F2] = "\u10F2", [0x10F3] = "\u10F3",
        [0x10F4] = "\u10F4", [0x10F5] = "\u10F5", [0x10F6] = "\u10F6", [0x10F7] = "\u10F7", [0x10F8] = "\u10F8",
        [0x10F9] = "\u10F9", [0x10FA] = "\u10FA", [0x10FD] = "\u10FD", [0x10FE] = "\u10FE", [0x10FF] = "\u10FF",
        [0x1F80] = "\u1F88", [0x1F81] = "\u1F89", [0x1F82] = "\u1F8A", [0x1F83] = "\u1F8B", [0x1F84] = "\u1F8C",
        [0x1F85] = "\u1F8D", [0x1F86] = "\u1F8E", [0x1F87] = "\u1F8F", [0x1F88] = "\u1F88", [0x1F89] = "\u1F89",
        [0x1F8A] = "\u1F8A", [0x1F8B] = "\u1F8B", [0x1F8C] = "\u1F8C", [0x1F8D] = "\u1F8D", [0x1F8E] = "\u1F8E",
        [0x1F8F] = "\u1F8F", [0x1F90] = "\u1F98", [0x1F91] = "\u1F99", [0x1F92] = "\u1F9A", [0x1F93] = "\u1F9B",
        [0x1F94] = "\u1F9C", [0x1F95] = "\u1F9D", [0x1F96] = "\u1F9E", [0x1F97] = "\u1F9F", [0x1F98] = "\u1F98",
        [0x1F99] = "\u1F99", [0x1F9A] = "\u1F9A", [0x1F9B] = "\u1F9B", [0x1F9C] = "\u1F9C", [0x1F9D] = "\u1F9D",
        [0x1F9E] = "\u1F9E", [0x1F9F] = "\u1F9F", [0x1FA0] = "\u1FA8", [0x1FA1] = "\u1FA9", [0x1FA2] = "\u1FAA",
        [0x1FA3] = "\u1FAB", [0x1FA4] = "\u1FAC", [0x1FA5] = "\u1FAD", [0x1FA6] = "\u1FAE", [0x1FA7] = "\u1FAF",
        [0x1FA8] = "\u1FA8", [0x1FA9] = "\u1FA9", [0x1FAA] = "\u1FAA", [0x1FAB] = "\u1FAB", [0x1FAC] = "\u1FAC",
        [0x1FAD] = "\u1FAD", [0x1FAE] = "\u1FAE", [0x1FAF] = "\u1FAF", [0x1FB2] = "\u1FBA\u0345", [0x1FB3] = "\u1FBC",
        [0x1FB4] = "\u0386\u0345", [0x1FB7] = "\u0391\u0342\u0345", [0x1FBC] = "\u1FBC", [0x1FC2] = "\u1FCA\u0345",
        [0x1FC3] = "\u1FCC", [0x1FC4] = "\u0389\u0345", [0x1FC7] = "\u0397\u0342\u0345", [0x1FCC] = "\u1FCC",
        [0x1FF2] = "\u1FFA\u0345", [0x1FF3] = "\u1FFC", [0x1FF4] = "\u038F\u0345", [0x1FF7] = "\u03A9\u0342\u0345",
        [0x1FFC] = "\u1FFC", [0xFB00] = "\u0046\u0066", [0xFB01] = "\u0046\u0069", [0xFB02] = "\u0046\u006C",
        [0xFB03] = "\u0046\u0066\u0069", [0xFB04] = "\u0046\u0066\u006C", [0xFB05] = "\u0053\u0074",
        [0xFB06] = "\u0053\u0074", [0xFB13] = "\u0544\u0576", [0xFB14] = "\u0544\u0565", [0xFB15] = "\u0544\u056B",
        [0xFB16] = "\u054E\u0576", [0xFB17] = "\u0544\u056D",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<int, string> s_lower = new Dictionary<int, string>
    {
        [0x130] = "\u0069\u0307",
    }.ToFrozenDictionary();
}
