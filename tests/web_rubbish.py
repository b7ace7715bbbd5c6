"""What no form of ours asks for, in pieces and put together."""

import random

PIECES = [
    "", " ", "　", "0", "-1", "1" * 400, "９９９９", "1.23E+11", "#REF!", "=1+1", "'", '"', "`", "<script>alert(1)</script>",
    "' OR '1'='1", "%", "_", "%00", "\x00", "\r\nBcc: x@example.com", "../../etc/passwd", "//example.com", "\\", "{{7*7}}",
    "{0}", "%s%n", "\U0001f600", "𠮷野家", "\u202e", "\u200b", "アイコム　タロウ", "0012345678", "0748-62-1234", "hanako",
    "Sakura2026", "a..b@docomo.ne.jp", "a@b", "[]", "null", "true", "NaN", "2026-10", "2026-13", "0000-00", "9999-12",
    "2026-1", "２０２６-１０", "e" * 5000, "ja", "en", "xx", "c=1", "\ufeff", "é", "１２３", "Ａｂｃ",
]  # fmt: skip


def rubbish(chance: random.Random) -> str:
    return "".join(chance.choice(PIECES) for _ in range(chance.choice((1, 1, 1, 2, 3))))[:6000]
