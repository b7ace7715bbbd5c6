"""What staff note of a call: who it is, how that person was verified, and whom a call-back reached."""

from wtforms import StringField

from mypage.domain.characters import visible
from mypage.domain.support_call import Caller, Verified
from mypage.services import calls
from mypage.web.choices import OneOf, SeveralOf
from mypage.web.staff_forms import Form

LONGEST_NAME = 100
_CALLERS = [(each.word, each.label) for each in Caller]


class CallForm(Form):
    """The note of a call; ``code`` is the number that the caller reads out."""

    caller = OneOf("お電話の相手", options=_CALLERS)
    verified = SeveralOf("確認した方法", options=[(each.word, each.label) for each in Verified])
    code = StringField("お電話用の確認番号（選んだとき）")
    name = StringField("お電話の方のお名前（ご本人でないとき）")

    def who(self) -> Caller | None:
        """Who calls; None, and said beside the field, where nobody was chosen."""
        chosen = calls.caller_named(self.caller.data or "")
        if chosen is None:
            self.refuse(self.caller, "call_caller_empty")
        return chosen

    def ways(self) -> tuple[Verified, ...]:
        """How they were verified; none, and said beside the field, where nothing was chosen."""
        named = (calls.verified_named(word) for word in self.verified.data or ())
        chosen = tuple(each for each in named if each is not None)
        if not chosen:
            self.refuse(self.verified, "call_verified_empty")
        return chosen

    def called(self) -> str:
        """The name of whoever calls for the customer; what is wrong with it is said beside the field."""
        typed = " ".join(visible(self.name.data or "").split())
        if not typed and self.caller.data not in (None, "", Caller.SELF.word):
            self.refuse(self.name, "call_name_empty")
        if len(typed) > LONGEST_NAME:
            self.refuse(self.name, "call_name_too_long", most=LONGEST_NAME)
        return typed


class CallBackForm(Form):
    """Who was reached at which number."""

    number = OneOf("折り返した番号")
    reached = OneOf("つながった相手", options=_CALLERS)


class ProofForm(Form):
    """The code that the caller reads from the letter."""

    proof = StringField("郵送した確認コード")
