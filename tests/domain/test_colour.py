"""Contrast as WCAG 2.2 reckons it, against its own well-known values; shades."""

import pytest

from mypage.domain.colour import contrast, mix


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_known_pairs(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == pytest.approx(ratio, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


def test_shades_lie_between() -> None:
    assert mix("#0017c1", "#000000", 1) == "#0017c1"
    assert mix("#0017c1", "#000000", 0) == "#000000"
    assert mix("#102030", "#ffffff", 0.5) == "#889098"
