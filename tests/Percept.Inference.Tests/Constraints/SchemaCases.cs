namespace Percept.Inference.Tests.Constraints;

/// <summary>Schemas with documents that follow them and documents that do not.</summary>
internal static class SchemaCases
{
    internal const string Tree =
        """
        {"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"value":{"type":"integer"},
        "left":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},"right":{"$ref":"#/$defs/node"}},
        "required":["value"],"additionalProperties":false}}}
        """;

    internal static readonly (string Name, string Schema, string[] Valid, string[] Invalid)[] s_all =
    [
        ("anything", "true", ["1", "null", """{"a":[1,{"b":"x"}]}""", "\"é\"", "-0.5e+10", "[ ]", "{ }"], ["", "01", "{a:1}", "1 2", "[1,]", "nul"]),
        ("empty", "{}", ["[]", "true", "{\"a\":{}}"], ["tru", "]"]),
        ("string", """{"type":"string"}""", ["\"\"", "\"a\\n\\\"\\/\"", "\"\\uD83D\\uDE00\"", "\"😀\""], ["\"\n\"", "1", "\"a", "\"\\x\"", "\"\\uD83D\""]),
        ("lengths", """{"type":"string","minLength":2,"maxLength":3}""", ["\"ab\"", "\"你好é\"", "\"\\n\\u0041\"", "\"😀😀\""], ["\"a\"", "\"abcd\"", "\"\\uD83D\\uDE00\""]),
        ("least", """{"type":"string","minLength":3}""", ["\"abc\"", "\"abcdefgh\""], ["\"ab\""]),
        ("pattern", """{"type":"string","pattern":"^[a-c]+-\\d{2,3}$"}""", ["\"a-12\"", "\"abc-123\"", "\"\\u0061-12\""], ["\"d-12\"", "\"a-1\"", "\"a-1234\"", "\"a-12 \""]),
        ("anywhere", """{"type":"string","pattern":"ab|cd$"}""", ["\"xxabxx\"", "\"xcd\"", "\"ab\""], ["\"xcdx\"", "\"a\""]),
        ("pattern and lengths", """{"type":"string","pattern":"^(aaa)*$","minLength":4,"maxLength":7}""", ["\"aaaaaa\""], ["\"aaa\"", "\"\"", "\"aaaaaaaaa\""]),
        ("control", """{"type":"string","pattern":"^[\\n\"\\\\]*$"}""", ["\"\\n\\\"\\\\\"", "\"\\u000a\""], ["\"a\"", "\"\\t\""]),
        ("integer", """{"type":"integer"}""", ["0", "-12", "1234567890"], ["1.5", "1e3", "01", "-", "+1"]),
        ("number", """{"type":"number"}""", ["0", "-1.5", "1e9", "2.5E-3"], ["1.", ".5", "00", "1e", "NaN"]),
        ("bounds", """{"type":"integer","minimum":-12,"maximum":105}""", ["-12", "-9", "0", "7", "99", "105", "100"], ["-13", "106", "110", "200", "-20"]),
        ("open below", """{"type":"integer","exclusiveMaximum":-5}""", ["-6", "-10", "-99999"], ["-5", "0", "3", "-4"]),
        ("open above", """{"type":"integer","minimum":98}""", ["98", "99", "100", "98765"], ["97", "9", "10", "-98"]),
        ("share", """{"type":"number","minimum":0,"maximum":1}""", ["0", "1", "0.5", "0.999", "1.0", "1.000"], ["1.01", "-0.1", "2", "1.0001"]),
        ("between", """{"type":"number","exclusiveMinimum":0.15,"exclusiveMaximum":10.5}""", ["0.2", "0.151", "10", "10.49", "1.5", "9"], ["0.15", "0.1", "10.5", "10.6", "11", "0", "-1"]),
        ("around zero", """{"type":"number","minimum":-1.5,"maximum":0.25}""", ["-1.5", "-1", "-0.3", "0", "0.25", "0.2"], ["-1.6", "0.26", "-2", "1"]),
        ("words", """{"enum":["red","green","réd",3,null,true,[1,2],{"a":"b"}]}""", ["\"red\"", "\"r\\u0065d\"", "3", "null", "true", "[1, 2]", "{\"a\":\"b\"}"], ["\"re\"", "\"reds\"", "4", "[1]", "{\"a\":\"c\"}", "{}"]),
        ("word of a type", """{"type":"string","enum":["red",1,"abcdef"],"maxLength":4}""", ["\"red\""], ["1", "\"abcdef\""]),
        ("one", """{"const":{"kind":"a","n":[1,"x"]}}""", ["""{"n":[1,"x"],"kind":"a"}"""], ["""{"kind":"a"}""", """{"kind":"a","n":[1,"x"],"m":1}"""]),
        ("types", """{"type":["integer","null","boolean"]}""", ["1", "null", "false"], ["\"\"", "1.5", "[]"]),
        ("object", """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name"],"additionalProperties":false}""",
            ["""{"name":"x"}""", """{"age":1,"name":"x"}""", """{ "name" : "x" , "age":2 }""", """{"n\u0061me":""}"""],
            ["{}", """{"age":1}""", """{"name":1}""", """{"name":"x","other":1}""", """{"name":"x","name":"y"}""", """{"name":"x",}"""]),
        ("more", """{"type":"object","properties":{"name":{"type":"string"},"nam":{"type":"null"}},"additionalProperties":{"type":"integer"}}""",
            ["""{"names":1,"na":2,"":3,"name":"x","nam":null}""", "{}", """{"x":1,"y":2}"""],
            ["""{"name":1}""", """{"names":"x"}""", """{"n\u0061me":1}"""]),
        ("required elsewhere", """{"type":"object","required":["a","b"],"maxProperties":4}""", ["""{"b":1,"a":[]}""", """{"a":1,"c":2,"b":3}"""], ["{}", """{"a":1}"""]),
        ("counts of properties", """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["b"],"minProperties":2,"maxProperties":3}""",
            ["""{"a":1,"b":2}""", """{"b":1,"x":2}""", """{"x":1,"y":2,"b":3}"""], ["""{"b":1}""", """{"a":1,"x":2}""", """{"a":1,"b":2,"x":3,"y":4}"""]),
        ("array", """{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}""", ["[1]", "[1, 2,3]"], ["[]", "[1,2,3,4]", "[\"a\"]"]),
        ("tuple", """{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,"minItems":1}""", ["[\"a\"]", "[\"a\",1]"], ["[]", "[1]", "[\"a\",1,2]"]),
        ("long array", """{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"null"},"minItems":3}""", ["[\"a\",null,null]", "[\"a\",null,null,null,null]"], ["[\"a\",null]", "[null,null,null]"]),
        ("either", """{"anyOf":[{"type":"object","properties":{"a":{"const":1}},"required":["a"],"additionalProperties":false},{"type":"object","properties":{"a":{"const":2},"b":{"type":"string"}},"required":["a","b"],"additionalProperties":false},{"type":"integer"}]}""",
            ["""{"a":1}""", """{"a":2,"b":"x"}""", "5"], ["""{"a":2}""", """{"a":1,"b":"x"}""", "\"x\""]),
        ("tree", Tree, ["""{"value":1}""", """{"value":1,"left":{"value":2,"left":null},"right":{"right":{"value":4},"value":3}}"""], ["""{"value":1,"right":null}""", """{"left":null}"""]),
        ("list", """{"type":"array","items":{"$ref":"#"}}""", ["[]", "[[],[[]]]"], ["[1]", "[[]"]),
        ("all of", """{"allOf":[{"$ref":"#/$defs/a"},{"properties":{"b":{"type":"integer"}},"required":["b"]}],"$defs":{"a":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"maxProperties":3}}}""",
            ["""{"a":"x","b":1}"""], ["""{"a":"x"}""", """{"b":1}""", """{"a":"x","b":"y"}"""]),
        ("described reference", """{"$ref":"#/$defs/a","description":"x","$defs":{"a":{"type":"integer","minimum":3}}}""", ["3"], ["2"]),
        ("shared keywords", """{"type":"object","properties":{"k":{"type":"integer"}},"required":["k"],"maxProperties":3,"oneOf":[{"properties":{"x":{"type":"null"}},"required":["x"]},{"properties":{"y":{"type":"null"}},"required":["y"]}]}""",
            ["""{"k":1,"x":null}""", """{"y":null,"k":2}"""], ["""{"k":1}""", """{"x":null}""", """{"k":1,"x":1,"y":2}"""]),
        ("person", """{"type":"object","title":"P","properties":{"name":{"type":"string","minLength":1,"maxLength":8},"kind":{"enum":["left","right"]},"items":{"type":"array","items":{"type":"object","properties":{"value":{"type":"number"},"age":{"type":["integer","null"]}},"required":["value"],"additionalProperties":false},"maxItems":2}},"required":["name","items"],"additionalProperties":false}""",
            ["""{"name":"é","items":[{"value":1.5,"age":null},{"value":0}],"kind":"left"}"""], ["""{"name":"","items":[]}""", """{"name":"a","items":[{}]}"""]),
    ];
}
