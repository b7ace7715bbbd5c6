"""Why a request is declined."""

from wtforms import TextAreaField

from mypage.domain.characters import visible
from mypage.web.staff_forms import Form

LONGEST_REPLY = 500


class ReplyForm(Form):
    """The asker reads it."""

    reply = TextAreaField("承認しない理由")

    def words(self) -> str:
        """The reason; what is wrong with it is said beside the field."""
        typed = visible(self.reply.data or "").strip()
        if not typed:
            self.refuse(self.reply, "request_reply_empty")
        if len(typed) > LONGEST_REPLY:
            self.refuse(self.reply, "request_reply_too_long", most=LONGEST_REPLY)
        return typed
