"""Every code of the credentials' rules has its sentence."""

from hypothesis import given
from hypothesis import strategies as st

from mypage.domain import email_address, login_id, nickname
from mypage.domain.password import PROFILES, hints
from mypage.words.credentials import PASSWORD_RULES, SENTENCES


def test_every_rule_of_a_password_has_a_sentence_and_a_line_to_tick_off() -> None:
    rules = {code for profile in PROFILES.values() for code in profile.rules}
    assert rules == PASSWORD_RULES.keys()
    assert rules <= SENTENCES.keys()
    assert set(hints("ＡＢＣ")) <= SENTENCES.keys()


@given(st.text() | st.text("a @.,1太"))
def test_whatever_is_typed_there_is_a_sentence(typed: str) -> None:
    codes = {*login_id.problems(typed), *nickname.problems(typed)}
    problem = email_address.read(typed).problem
    assert codes | ({problem} if problem else set()) <= SENTENCES.keys()
