"""The drawing of the months: its scale, its bars, its labels."""

import re
from dataclasses import dataclass

from mypage.web.chart import Drawing, draw_months


@dataclass(frozen=True)
class Month:
    year: int
    month: int
    amount: int


def drawn(*amounts: int, start: tuple[int, int] = (2026, 1)) -> Drawing:
    first = start[0] * 12 + start[1] - 1
    months = [Month((first + n) // 12, (first + n) % 12 + 1, amount) for n, amount in enumerate(amounts)]
    return draw_months(months, "{year}年")


def figures(drawing: Drawing) -> list[str]:
    return re.findall(r">([0-9,]+)</text>", drawing.scale)


def test_the_scale_ends_at_a_round_figure_above_the_largest_amount() -> None:
    assert figures(drawn(5_000, 12_345)) == ["0", "5,000", "10,000", "15,000"]
    assert figures(drawn(400)) == ["0", "100", "200", "300", "400"]
    assert figures(drawn(3_999_999_999_999)) == ["0", "3,999,999,999,999"]


def test_the_tallest_bar_and_the_scale_share_one_measure() -> None:
    drawing = drawn(7_500, 15_000)
    assert drawing.bars == "M16 1000v-500h68V1000z"
    assert drawing.newest == "M116 1000v-1000h68V1000z"
    assert re.findall(r' y1="([0-9.]+)em"', drawing.scale) == ["11.00", "7.67", "4.33", "1.00"]
    assert (drawing.width, drawing.scale.count("chart-base")) == (200, 1)


def test_nothing_and_less_than_nothing_have_no_bar() -> None:
    drawing = drawn(0, -550, 0)
    assert (drawing.bars, drawing.newest) == ("", "")
    empty = drawn()
    assert (empty.bars, empty.newest, empty.labels, empty.width) == ("", "", "", 100)


def test_years_are_said_once_and_never_over_one_another() -> None:
    assert re.findall(r"[0-9]+年", drawn(*[1_000] * 15, start=(2025, 9)).labels) == ["2025年", "2026年"]
    assert re.findall(r"[0-9]+年", drawn(1, 1, 1, start=(2025, 11)).labels) == ["2026年"]


def test_where_labels_are_thinned_out_the_newest_keeps_its_own() -> None:
    said = re.findall(r'y="12.3em"( class="chart-second")?>([0-9]+)', drawn(1, 2, 3, 4).labels)
    assert [(month, bool(thinned)) for thinned, month in said] == [
        ("1", True),
        ("2", False),
        ("3", True),
        ("4", False),
    ]


def test_the_words_of_a_year_are_escaped() -> None:
    assert "<b>" not in draw_months([Month(2026, 1, 1)], "<b>{year}").labels
