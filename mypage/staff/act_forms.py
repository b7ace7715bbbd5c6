"""The form of an act: why, and for the correction of an address the new one."""

from wtforms import HiddenField, StringField, TextAreaField

from mypage.domain import email_address, support_reason
from mypage.domain.characters import visible
from mypage.domain.support_act import SupportAct
from mypage.domain.support_reason import LONGEST_NOTE, Reason
from mypage.web.choices import OneOf
from mypage.web.staff_forms import Form


class ActForm(Form):
    """``state`` is the mark of the state that the page showed."""

    reason = OneOf("理由")
    note = TextAreaField("くわしい理由")
    email = StringField("新しいメールアドレス")
    state = HiddenField()

    def why(self, act: SupportAct) -> Reason | None:
        """The reason; None, and said beside the field, where none was chosen."""
        chosen = next((each for each in support_reason.reasons(act) if each.word == self.reason.data), None)
        if chosen is None:
            self.refuse(self.reason, "act_reason_empty")
        return chosen

    def words(self) -> str:
        """The reason in words; what is wrong with it is said beside the field."""
        typed = "\n".join(line.strip() for line in visible(self.note.data or "").strip().splitlines())
        if not typed and self.reason.data == Reason.OTHER.word:
            self.refuse(self.note, "act_note_empty")
        if len(typed) > LONGEST_NOTE:
            self.refuse(self.note, "act_note_too_long", most=LONGEST_NOTE)
        return typed

    def address(self, act: SupportAct) -> str:
        """The new address; empty for other acts, and where it is none, which is said beside the field."""
        if act is not SupportAct.CORRECT_ADDRESS:
            return ""
        read = email_address.read(self.email.data or "")
        if read.problem is not None:
            self.refuse(self.email, read.problem)
        return read.address
