"""Staff are told of every cause what happened and what to say, and never to ask for a password."""

from mypage.words.causes import CAUSES
from mypage.words.staff_causes import TELL, WHY


def test_every_cause_has_its_words_for_staff() -> None:
    assert list(WHY) == list(TELL) == list(CAUSES)
    for text in (*WHY.values(), *TELL.values()):
        assert text.endswith(("。", "」")), text
        assert "{" not in text, text
