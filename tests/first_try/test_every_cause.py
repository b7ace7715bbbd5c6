"""Every cause of the first try is made to happen by a test, but those of which the table says why not."""

from pathlib import Path

import pytest

from mypage.words import credentials, login, signup
from mypage.words.causes import CAUSES, TOLD_BY, UNTRIED, told_by
from mypage.words.sentences import SENTENCES
from tests.first_try.markers import of_source, tried

# What these say refuses nothing: answers, hints, what was done. A nickname has no cause: its sentence says all there is.
REFUSES_NOTHING = {
    "address_corrected",
    "login_id_free",
    "mail_resent",
    "password_hint_caps_lock",
    "password_hint_full_width",
    "nickname_forbidden_character",
    "nickname_too_long",
}


def test_every_cause_has_its_test() -> None:
    untested = CAUSES.keys() - tried().keys() - UNTRIED.keys()
    assert not untested, f'no test carries @pytest.mark.cause("…") for {sorted(untested)}'


def test_no_marker_names_a_cause_that_is_not_in_the_table() -> None:
    unknown = {code: tests for code, tests in tried().items() if code not in CAUSES}
    assert not unknown, f"not in mypage/words/causes.py: {unknown}"


def test_what_is_tried_waits_for_nothing() -> None:
    no_longer = {code: tests for code, tests in tried().items() if code in UNTRIED}
    assert not no_longer, f"tried now, so take it out of UNTRIED in mypage/words/causes.py: {no_longer}"


def test_what_the_table_says_of_causes_is_said_of_known_ones() -> None:
    assert UNTRIED.keys() <= CAUSES.keys()
    assert TOLD_BY.keys() <= CAUSES.keys() - UNTRIED.keys()


def test_every_sentence_that_refuses_something_has_its_cause() -> None:
    said = {code for codes in TOLD_BY.values() for code in codes}
    assert said <= SENTENCES.keys(), f"no sentence has the code {sorted(said - SENTENCES.keys())}"
    ours = signup.SENTENCES.keys() | login.SENTENCES.keys() | credentials.SENTENCES.keys()
    without = ours - said - REFUSES_NOTHING
    assert not without, (
        f"say in TOLD_BY of mypage/words/causes.py which cause these tell of: {sorted(without)}"
    )
    assert not said & REFUSES_NOTHING
    assert told_by("email_empty") == ("A-09", "B-06")
    assert told_by("login_id_free") == ()


MARKED = """
import pytest

@pytest.mark.parametrize("x", [1])
@pytest.mark.cause("A-01")
@pytest.mark.cause("A-02")
def test_one(x): ...

@pytest.mark.cause("A-03")
def helper(): ...

# @pytest.mark.cause("A-04")
def test_other(): ...
"""


def test_markers_count_on_tests_only(tmp_path: Path) -> None:
    assert list(of_source(MARKED)) == [("A-01", "test_one"), ("A-02", "test_one")]
    (tmp_path / "test_it.py").write_text(MARKED, encoding="utf-8")
    (tmp_path / "story.py").write_text(MARKED.replace("A-01", "A-09"), encoding="utf-8")
    assert tried(tmp_path) == {"A-01": ["test_it.py::test_one"], "A-02": ["test_it.py::test_one"]}


@pytest.mark.parametrize("marker", ["", "()", "(CODE)", '("A-01", "A-02")', '(code="A-01")'])
def test_a_marker_that_cannot_be_read_fails(marker: str) -> None:
    with pytest.raises(ValueError, match="does not name one cause"):
        list(of_source(f"@pytest.mark.cause{marker}\ndef test_it(): ..."))
