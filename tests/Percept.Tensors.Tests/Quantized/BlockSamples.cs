namespace Percept.Tensors.Tests;

/// <summary>One block of each format with what the reference implementation (gguf) makes of it.</summary>
internal static class BlockSamples
{
    /// <summary>Type, blocks as base64, FNV-1a of the decoded floats' bytes.</summary>
    internal static readonly (DType Type, string Blocks, ulong Decoded)[] Decode =
    [
        (DType.BF16,
            "Er8WQPa+FD/svZ2+Z7/qvje/kr6evl3A+L4Rv16/wb00vZ2/xj5QPzS+Cz4Nv4Y/B74PQGQ+yj/wPlG/zb9evw==",
            0x73710455277a2963),
        (DType.Q4_0,
            "+jMaT8BkY+epSMeYjI5UnQuX",
            0x2d6014245028cdaa),
        (DType.Q4_1,
            "GDStv5YoiKMtRqUh8WrBYzGPvK0=",
            0xbf0d89274e7b15ea),
        (DType.Q5_0,
            "viuH3DV79QrdVBEj47/e29L1RjItCg==",
            0x3c1063a7b6af28a9),
        (DType.Q5_1,
            "cTFFwSvSz4vZdCKUSkiU5fNwKK4k6CCO",
            0xb2a3d153efc54ad9),
        (DType.Q8_0,
            "aiGZaSyj40f+hLKqCisIVhLACpHr++/fiqwd6FxP/T2Pgg==",
            0xa3d2e5ecda661932),
        (DType.Q2_K,
            "LR6p9AJE1mk1EV6Ee5Eu0Avlsxf28BhDCFBGGwZPutf8qd7YWnN+lxdbPVGG9Mhmgpa8UEvH63S4nxyaaSusNBLvkyqvC+MEbvAG"
            + "c3rW6TOvLAYv",
            0x3f697659287a1386),
        (DType.Q3_K,
            "oQIA0iieBWCqiYQxwTHlHKbbD1tb5U0XCaY18YPNn/YbMrznYsC0AID9HwVFaKA1f3Uz31OZgK89EeIfEmu2iuNtlQFq/8lIgPoY"
            + "TW6Z7ylqAXazOWa4KwqVB9IDwF59V7MWQL+M1fV/ELQN+iQ=",
            0xad6856e6a34b75e0),
        (DType.Q4_K,
            "NBrRJQWt5Aq7vzN/irvGc9PUEy/dJnhEMnc4Ng4yKDMQhGt6eXf6kOeHznvhnQha3JtqweY19T4eej9oKvsDE3p3g93HZhpiNOwD"
            + "q+i7D4/LYETkX3B53IT82R9yWgGBBZmrxl8ouzObhRuAosPUIkQ/YjOs0iU6jQg1yMdIeJ+b6WZ8N9jRgoBtSgTeSG8Z",
            0x734317f3090dd292),
        (DType.Q5_K,
            "yhSkJAP4ELnhlWpi8jH774LNjPbhjkMf3C60vGzm6nlNSd9B1XqydT2TuzorWtxjdwlazSIJ4to2RXk9A5mjbcLRX2YXqYxy6OB+"
            + "ZTEyGmUGwfn0wPhQiNu45IUd7v6H1NsWvqONiGY7AmbMoqKBKIkbHnKbFb8nlaxpLLK5w8kY5hVfJ8Csch5dYJdYr2IQV1nNldbj"
            + "LeROapPZJ/kQKvHlsmkPVQL/qoQzAXK2n3I=",
            0x19f841732d4079cb),
        (DType.Q6_K,
            "2ArtExY/JCMD3X4+RX2inF4UVUGHcaFtw6vIuuJIO+o+CXVjDLmSPTB5UAZc1roNs/GKTi4yREAxRtUwEWRH/NhGaSu14z0pKoQ2"
            + "qW6knpX3dXUAOcdPZ5+W4JKZb9XuVGV1t9vS0jodq3P6TL04PA9VpFykjnTXJsMfPOUW3N1exm/O4+xWNXQZYztlk/+qSR9tee5k"
            + "izjP8Bbl/NG0YPmqv4xX8mu3OUC47cyA0ioM+3jGAvL6PUtBGKyatEI4YQAASFcKhQlERsS+hWLoUSMR",
            0x7303770c6c92067d),
        (DType.TQ1_0,
            "vVrC1Mid5BGO2nI3GN01fkCHQnB9hFGqfyo0GD4NqROGy4EL4T3kw8Rfcd36gEWXUPQzEOw1",
            0xeae0460bbd01a041),
        (DType.TQ2_0,
            "GaplUEIJQWqVJoVShgQVSAUVRGIoBQohIkBhEhBFioJhYomEJCmAFmYCoBKlGQqiliEQFShhpVACoBZFEKRFUuw1",
            0x71e7582d41ae1211),
        (DType.MXFP4,
            "fiFj7CjasxeEGjLTRSb26Dc=",
            0x5e9b123d68616e3b),
        (DType.NVFP4,
            "LxFAReSMdPbyZeip0EC6bs5fH2z4uvCWiUPPTW7qHKtjpUTJ",
            0xe2c4dad77556834f),
        (DType.IQ2_XXS,
            "liKQi/aatOqLbzAkTZoWPS+1hJoFD20PS51UFgyKvGJZk+l/I9ars6JGCPH6HPK6qkS8c1XI8UaCxLX/3a+iiWRf",
            0x1d4998cbb754f017),
        (DType.IQ2_XS,
            "ciT4PjMfZurUElOp41J+FAg3/0aAMB/5je3NbU5mF/+Q7xWX+MHoNQ5ou2RLdnReUM6bs+8ajtTpiwkZ4bnnSKwjQw0RuTMLUIk=",
            0xa67c8294d4ea0667),
        (DType.IQ2_S,
            "QSJli0s6Z+/ouwuhd1oIcYxHTayGJXGKHSmqTw28oJGIeNn7Ylryizna3tOtWZGEdrti3Fa8H7tlIaOyRfjHkNye7PvYcZH3/vp+"
            + "QOnVmYV3MQ==",
            0xbefa0c0ff729d759),
        (DType.IQ3_XXS,
            "8R+q7tG1ZGRgrsMYf15qZO3E6bKp/E8SVzFLsEA9Kow2U+eXHu1C2RGG/r5aO0/8pckR2BCxyZHx716rQl+yc/zSVqf7sKnWjtng"
            + "QkSQjwL9jO83ZeP6zychN0YOAoQwyRM=",
            0x9667f78fc3b08ed9),
        (DType.IQ3_S,
            "2CDwlfSUkh8UEYxq7/apTNMfiVt6dcK+1c8IpJDgiqtifcZrb+zVZz0FzeJOSJUc9qi7oioAB3HnCenWFFsZfFMgQkXu54IKurdw"
            + "7npa/3Vv7v9A1yEqZmTR3fLRwWmY5NmQSmod3NZoiMkmXd0=",
            0x3508fef20ceb4a9e),
        (DType.IQ1_S,
            "Hy6r9rScyTZPJZQNHaY30Hv7t0j/BWfSzN0x0AEd9G9LsgHyYWLcCqQRqHjdwaD3e88=",
            0x61aec1401d327ed5),
        (DType.IQ1_M,
            "dyuu2rMCgezfj3wgRcnbByrUGiJn6joEShqPGarMiY/OeMLLzwx3zwslWyWh5rX1klCHxI2mgyU=",
            0xe6e085ab4bdbe54a),
        (DType.IQ4_NL,
            "hSR5wgu6WSsFWm4+vg5HmICv",
            0xbd0003bad73d7cdc),
        (DType.IQ4_XS,
            "URMO4AWPivZp+WTAJqa+vAuH6LH5V56QJ0uAmxLTq6iUVGozNLjKf9O4A0SRK64vwlE/rcLK9guu23D7qrLzZRuRYBlZMz6xXZy+"
            + "c7VIojilY7OpW5tsyfkNgN7ACyATqsjpTHNetNzGX3tS6YbOPBXogMqYnZ0o/2G905Ff/fm3sQ56tMsVSQ==",
            0x509aba445d5e3d3e),
    ];

    /// <summary>Type, floats as base64, the reference's blocks as base64.</summary>
    internal static readonly (DType Type, string Floats, string Blocks)[] Encode =
    [
        (DType.Q4_0,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "AICIiIiIiIiIiIiIiIiIiIiI"),
        (DType.Q4_1,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        (DType.Q5_0,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "AID/////AAAAAAAAAAAAAAAAAAAAAA=="),
        (DType.Q5_1,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        (DType.Q8_0,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
        (DType.BF16,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        (DType.F16,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        (DType.TQ1_0,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACyfrg+RYokP3Vuaj/tFDG/DR+vv9m3"
            + "qz/pHGg+LpE4P1+Nrz7kL6a+xIO8PyMIFb9b/l2/97tJPAJvcL7rWW0/7i10v2kWAb+878S+pVuSvzpQ/L0u3XM/WXh7P48TfD9O"
            + "xI8+oQSmP3UsV7/Wg/Y+E9egP/bkZ70V070/F5oYv9Gs17+GugC/CxBRP89pqT8vDpy/TvC5P4ayGr/KQo+/l2aLvzwIFT4Z+GE+"
            + "i4N4v1Or8L4/XKQ+A+PvPptH57+ZN58/sxSTvg5Vgr9pOYi/ApONvwoXCkDhkUa/tjzHP92PdT92/9M+dWzSP4PgBL8HS6G+wRae"
            + "PwwkgD+dnO2/GO1fPn/ONz0fWtg/D6vHv2j8/D5MZls+dzqiPdYSR7/3/4w/xt0Ev1f1/D5w/Eo+Zi9bPenNjT/auog//epzv95S"
            + "ob4Ta6y/X12sPQmNRr98PUY/05afvxxCvj8/jCK/7ejyviSNgr95vuA9p95ePkWLMb9krJc+7oKKvjGcyj/tytO/1jJtv0dChD7S"
            + "TDs/IGsIQLIHSb9N7eI9da15v5lz7z4pvgq/UXBSPnhm8T5I3Tu/3reBv3nJ5j4+glQ8n+P0P5QFPT1nhEE+XbMkP0EnTD8mGpK/"
            + "m/RKv5yzij+kfpc90cGKv1E1Fb4BO7g+v80hP632ib4DDbq/lxiQvg4BJz9DIce+l+NVP+3HrL0Ag0s/l/Q/P39pXz5E8pi+5e6Q"
            + "P4vvBL2IRYy/hxYHvucqRT8PSDm9llL2v8XRvjyDKZS/zA0SP4sdCb8l4gRAdfMpP2HF1b2Ofcu/zrzEPsm5i7/M0Q+9hwdAQKwe"
            + "mL5wDI6/5GYuwJ3C5D2l0Zc/dtwpP3sVar7G/RFAu+4qPyCzlL/Hq8q9eJlmv2jWIz4ZwX4/uE+kP6X3cL81w84+SoAdPl/lxD/+"
            + "0I0/5BEMv0lE472Y6wG/F6LKP7u2A72GXgw/XEpOP+sF377ogCk+nfYhv3JXsT9Q26u/D2u4P0Xouz/cTlm/4tafv7kj7T9b6nA/"
            + "LKcdPzNawD+pPdg/4DzgPlH5P7/FWXY/Qz7kP1uwOz8ybM8/2IiOP4Pb+D61s7c/Wq4Vv83TgTyJKxfAj7UkQHbOTz/tkci/Dw89"
            + "v8YCkz4Q3xK/7vOWvxu5sT57EglA0EeZPrxgzz4vbLm/Z1iAP4hVMT+ooIe+vTSRvw==",
            "dYCDfYGAgICAgICAgICAdoGAgICAiYCJgICJgICAgHqAgI6dgIBkgYCBnICAbSuC3n8qfwBC"),
        (DType.TQ2_0,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAivl0/fR3JPfJ+EL0HIOY+4Xtgvy0y"
            + "uDyXdwfAXjg+vkApoj3heTg/IrJIvkL+YL8t8ys/cuomQOJwNz9IRNw+fyi+v2rzqL4AhQ2/c+LJvSJCoL+CdrG+8leSv6WkgD4t"
            + "Ydi+x1yzv6dwK8CKs4Q/jLV8Pmqh2T2+R1y/QlTuvBfbMECUkjU/TYT3vfmEaT741Q6/7mmyP2P8F79GbYC/h+HVP39To7/ZLoq+"
            + "/omdvoIPyL5PSYC+YdP6PlfmI76hkry/B5TQv+Dsuj/cZzC/uvZnvoJb+L5MWIk/dBQYPzIHXT8pxYm/R5MhvYsho7+JALG/Jbmy"
            + "PpWDB8B4bai+RVu9v+tEMD+5moU/zlPTv/Zl1T/J9Jm+90livlpm/b7+wXi/yhLLPgrd3D6+r44/E7o1v9xqrT9BR5y+VX3Tvs0j"
            + "oz+9O4w+T2GYvX5FF782aQK/UFzAPhX5kb9K26o/0FcBv5EDg7+7pBw+6Sqvv3hZET8++SG/YkATQImOVcC51ec+wqNfPyF0Kb97"
            + "TC6/Eighvk8Hr7wP2gQ+M+75v8krYj9O3OO+IcwwwFxhIjwkYMg9MBzGP2rkEz+WFq0+7ihEv0BJLL9yv5q/eDc2v1HogT3kGTbA"
            + "cjZMvw6v9j7bcJa/MOKavkcuxL+sIdU/kBxEvaRDoD+pCZo9pneMPRBoYr+dbmy96pi1Pzkjv79UDY+/RibDv1r7lr64oks+Ut3Z"
            + "PteXSb402Ik9gZTuvU9XVT+3Fn2+dHljv6t4VT6ZO2E/R2eVPx7f/j2N38a/30eiPX5nwz7OPmI/q/JWvw7iGT/RcFK+XRA0P8tR"
            + "gD5Kh9u+6nQ3P9VkBsBpEgg+v6c8P93aDr80NVI/Vv40v0o4vb0Cxcm9q9mwvnfnH75FWrs/JKijvYpK8z6jsyO/QBNPPiQiWT4d"
            + "AKg//9Nzvgxcs78Z37M+BdBUv0zXPz9jFgM/YDolvw/E8j+aX8S/FzjYv8czm79a7EY/i/kcv7Ws/L5Eiqk/g54Sv8z4bz0tAaG/"
            + "IF/+vWd17z6MSF+8c+JhP7jNML0D7ZS/8IDXvwAkmT4PoNm+iHglPxZWjT6fw8a+IVTjv59pMT8Yv8A/UbiDP/lHGb87Si4/taNh"
            + "P9hbiL+9jHa//iuuPrFFuT4q9YU/PnoKP8/RFb+SuoG/xVUfv7qabL7aUxu/illQPw==",
            "ZVVVVVVVUVVlVVVVVVlVVVVVVVVVVVVVVVVRVVVVhRVVVVVVVVVVFFVVVFVVFVVVVVVVVVVUZVVFVVVVVVVRVaxC"),
        (DType.MXFP4,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAAAAA="),
    ];
}
