namespace Percept.Data;

/// <summary>Words to write: common ones, and such that nobody knows.</summary>
internal static class WordList
{
    private static readonly string[] s_common = (
        "apple arm art baby back ball bank bath bear bed bell bird blue boat body bone book boot bowl box boy bread brick bridge brush "
        + "bus cake camp car card cart cat chair chalk cheese chin city clay clock cloud coat coin cold cook cool copy corn cow cream "
        + "crow crown cup dark day deer desk dish dog doll door dot dove down drum dry duck dust ear earth east egg eight eye face fan "
        + "far farm fast field fig film fire fish five flag flat floor flour fly fog food foot fork four fox frame free frog fruit full "
        + "game gate gift girl give glass glove glue goat gold good grass gray green grid hair half hall ham hand happy hat head heart "
        + "help hill home hook horse hot house ice ink iron jam jar joy juice jump key kind king kite knee knife lake lamp land large "
        + "law leaf left leg lemon light line lion lip list long lost loud love low luck lunch map mark mask meal milk mill mind mint "
        + "moon mouse mouth mud music nail name neck need nest net new news nice night nine north nose note nut oak oil old one onion "
        + "open oven owl page paint pan paper park path pear pen pig pin pink pipe place plan plant plate play plum pond pool port post "
        + "pot quick quiet rain red rest rice ride right ring river road rock roof room root rope rose round sail salt sand sea seat "
        + "seed seven sheep ship shirt shoe shop show silk silver sink six skin sky sleep slow small smile snow soap sock soft song soup "
        + "south spoon star stem stone stop store street sugar sun swan table tail tall tea ten tent three tide tiger time toe top town "
        + "toy train tree truck two uncle under up vase view voice walk wall warm wash water wave wax week west wheel white wide wild "
        + "wind wine wing winter wolf wood wool word work world yard year yellow zebra zero zoo").Split(' ');

    private static readonly string[] s_starts = "b c d f g h j k l m n p qu r s t v w x y z bl br ch cl dr fl gr pl sh st th tr".Split(' ');

    private static readonly string[] s_middles = "a e i o u a e i o u ai ea oo ou".Split(' ');

    private static readonly string[] s_ends = "b d g k l m n p r s t x ck ll nd ng nt rm rt sh st".Split(' ');

    /// <summary>A common word; every fifth is kept for measuring.</summary>
    internal static string Common(GeneratorRandom random, SceneSplit split)
    {
        while (true)
        {
            int index = random.Below(s_common.Length);
            if (index % 5 == 0 == split > SceneSplit.Validation)
            {
                return s_common[index];
            }
        }
    }

    /// <summary>Syllables that make no word, at most eight letters.</summary>
    internal static string Made(GeneratorRandom random)
    {
        string word = "";
        for (int i = random.Between(1, 3); i > 0 && word.Length < 5; i--)
        {
            word += random.Pick(s_starts) + random.Pick(s_middles);
        }

        word += random.Coin() ? random.Pick(s_ends) : "";
        return word.Length > 8 ? word[..8] : word;
    }

    /// <summary>Two to eight letters in no order, a third of them and some more vowels.</summary>
    internal static string String(GeneratorRandom random)
    {
        char[] letters = new char[random.Between(2, 8)];
        for (int i = 0; i < letters.Length; i++)
        {
            letters[i] = random.Below(3) == 0 ? "aeiou"[random.Below(5)] : (char)('a' + random.Below(26));
        }

        return new string(letters);
    }
}
