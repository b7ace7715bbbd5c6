"""What a spreadsheet would run is kept a text."""

import pytest

from mypage.domain.spreadsheet import kept_text


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-5", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_would_be_run_gets_a_quote_in_front(cell: str) -> None:
    assert kept_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "愛込　太郎", "528-0001", "'=1", " =1"])
def test_everything_else_stays(cell: str) -> None:
    assert kept_text(cell) == cell
