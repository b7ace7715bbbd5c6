"""How an approver made sure that whoever registered is the customer."""

from wtforms import TextAreaField

from mypage.domain.characters import visible
from mypage.services.identity_approvals import Way
from mypage.staff.request_forms import LONGEST_REPLY
from mypage.web.choices import OneOf
from mypage.web.staff_forms import Form


class ApprovalForm(Form):
    """One of the ways, and what was asked of whom."""

    way = OneOf("ご本人であることを、どう確かめましたか", [(way.word, way.label) for way in Way])
    note = TextAreaField("確かめた内容")

    def chosen(self) -> Way | None:
        """The way; None, and said beside the field, where none was chosen."""
        found = next((way for way in Way if way.word == self.way.data), None)
        if found is None:
            self.refuse(self.way, "approval_way_empty")
        return found

    def words(self) -> str:
        """What was asked of whom; what is wrong with it is said beside the field."""
        typed = visible(self.note.data or "").strip()
        if not typed:
            self.refuse(self.note, "approval_note_empty")
        if len(typed) > LONGEST_REPLY:
            self.refuse(self.note, "approval_note_too_long", most=LONGEST_REPLY)
        return typed
