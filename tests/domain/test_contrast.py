"""Contrast as WCAG 2.2 reckons it, against its own well-known values."""

import pytest

from mypage.domain.contrast import contrast


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
