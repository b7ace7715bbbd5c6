"""How money is written, whatever form the database keeps it in."""

from decimal import Decimal

import pytest

from mypage.words.filters import yen_en, yen_ja


@pytest.mark.parametrize(
    ("amount", "japanese", "english"),
    [
        (12_345, "12,345円", "¥12,345"),
        (-330, "-330円", "-¥330"),
        (Decimal("3960.000000"), "3,960円", "¥3,960"),
        (Decimal("2.200000"), "2.2円", "¥2.2"),
        (Decimal("-0.5"), "-0.5円", "-¥0.5"),
        (Decimal("0E+2"), "0円", "¥0"),
    ],
)
def test_yen_without_zeros_behind_the_point(amount: int | Decimal, japanese: str, english: str) -> None:
    assert (yen_ja(amount), yen_en(amount)) == (japanese, english)
