"""Rows that are known by their text mean what they mean when each of them is split."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mypage.adapters.reading.records import Records
from mypage.domain.charge_heads import Group
from mypage.domain.charges import ChargeRows
from mypage.domain.columns import Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.row_error import RowError

# A column of the head stands among those of the line, and one that nobody knows beside it.
HEADINGS = [
    "お客様番号",
    "請求年月",
    "明細番号",
    "項目名",
    "金額区分",
    "備考",
    "金額",
    "税区分",
    "請求金額合計",
]
ORDERS = [
    HEADINGS,
    [*HEADINGS[2:8], *HEADINGS[:2], HEADINGS[8]],
    list(reversed(HEADINGS)),
    [*HEADINGS[:5], *HEADINGS[6:], HEADINGS[5]],
]


class Split:
    """The same rows, none of which can be known by its text: it has no delimiter that parts cells."""

    delimiter = "\0"
    stood_alone = False

    def __init__(self, records: Records) -> None:
        self.texts = records.texts
        self._records = records

    def record(self, text: str) -> list[str]:
        """The cells of a row."""
        return self._records.record(text)


_CELLS = {
    "お客様番号": ["70012", '"70012"', "70013", "", "x"],
    "請求年月": ["2026-10", '"2026-10"', "2026-09"],
    "明細番号": ["1", "2", '"2"', "0", ""],
    "項目名": ["料金", '"料金"', '"料,金"', '"料\n金"', '料"金', '"料""金"', ""],
    "金額区分": ["", "税込", '"税込"', "?"],
    "備考": ["", '"a\nb"', "a", '"a,b"', "ab\r"],
    "金額": ["500", '"500"', "五百"],
    "税区分": ["10", '"10"', "5"],
    "請求金額合計": ["500", '"500"', "1000", "x"],
}


@st.composite
def _files(draw: st.DrawFn) -> tuple[list[str], str]:
    order = draw(st.sampled_from(ORDERS))
    rows: list[str] = []
    for _ in range(draw(st.integers(1, 12))):
        repeats: bool = draw(st.booleans())
        if rows and repeats:
            rows.append(draw(st.sampled_from(rows)))
            continue
        cells = [
            draw(st.sampled_from(_CELLS[name][:2] if draw(st.integers(0, 3)) else _CELLS[name]))
            for name in order
        ]
        cells = cells[: draw(st.sampled_from([9, 9, 9, 9, 8]))] + draw(
            st.sampled_from([[], [], [], [""], ["x"]])
        )
        rows.append(",".join(cells))
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    return order, ends.join(rows) + draw(st.sampled_from(["", ends]))


@settings(max_examples=400)
@given(_files())
def test_a_row_known_by_its_text_is_what_it_is_when_it_is_split(file: tuple[list[str], str]) -> None:
    headings, text = file
    assert _read(headings, text, Records) == _read(
        headings, text, lambda lines, _: Split(Records(lines, ","))
    )


@pytest.mark.parametrize(
    ("headings", "rows"),
    [
        # The head changes among the cells of the line.
        (HEADINGS, ["70012,2026-10,1,料金,,,500,10,500", "70012,2026-10,1,料金,税込,,500,10,500"] * 2),
        # A row of eight cells, in which one of the eight delimiters parts nothing, and one whose third cell is its fourth.
        (
            [
                "備考",
                "お客様番号",
                "請求年月",
                "明細番号",
                "項目名",
                "金額",
                "税区分",
                "請求金額合計",
                "お支払方法",
            ],
            [
                '"a,b",70012,2026-10,1,料金,500,10,500',
                "a,70013,2026-10,1,料金,500,10,500,",
                "a,70013,2026-10,2026-10,1,料金,500,500,",
            ],
        ),
    ],
)
def test_what_looks_like_a_row_that_was_read_is_none(headings: list[str], rows: list[str]) -> None:
    text = "".join(f"{row}\n" for row in rows)
    assert _read(headings, text, Records) == _read(
        headings, text, lambda lines, _: Split(Records(lines, ","))
    )


def test_it_is_known() -> None:
    text = "".join(f"{number},2026-10,1,料金,,,500,10,500\n" for number in range(70_000, 70_100))
    asked: list[str] = []

    class Asked(Records):
        def record(self, text: str) -> list[str]:
            asked.append(text)
            return super().record(text)

    twice = text.replace("500\n", "500\n{}").format(
        *(line.replace(",1,", ",2,") for line in text.splitlines(True))
    )
    groups, errors = _read(HEADINGS, twice, Asked)
    assert [len(group.lines) for group in groups] == [2] * 100
    assert errors == []
    # The first row of each statement, and the second one of the first.
    assert len(asked) == 101


def _read(headings: list[str], text: str, lines: object) -> tuple[list[Group], list[RowError]]:
    found = plan(headings)
    assert isinstance(found, Plan)
    errors: list[RowError] = []
    rows = ChargeRows(found, fold, errors.append)
    texts: Iterator[str] = iter(io.StringIO(text, newline="\n"))
    return list(rows.groups(lines(texts, ","))), errors  # type: ignore[operator]
