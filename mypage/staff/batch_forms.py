"""The forms of what is done with a batch: each with the mark of the state that its page showed."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from mypage.domain.batch_deed import BatchDeed
from mypage.domain.characters import visible
from mypage.web.staff_forms import Form

LONGEST_REASON: Final = 500
# Whoever types the year of another century has mistyped.
FURTHEST_DAYS: Final = 366
_TOKYO: Final = ZoneInfo("Asia/Tokyo")
_DAY: Final = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?")
_TIME: Final = re.compile(r"([0-9]{1,2})(?:[:時]([0-9]{2})?分?)?(?::00)?")
_NOTICES: Final = "「請求確定のお知らせ」をメールで送る"


class DeedForm(Form):
    """A button. ``state`` is the mark of the state that the page showed."""

    state = HiddenField()

    def instant(self, now: datetime) -> datetime | None:
        """For when; None: now. What is wrong with it is said beside its field."""
        return None

    def tells(self) -> bool:
        """Whether subscribers are told."""
        return False

    def words(self) -> str:
        """Why; what is wrong with it is said beside its field."""
        return ""


class PublishForm(DeedForm):
    """Now."""

    notices = BooleanField(_NOTICES, default=True, id="publish-notices")

    def tells(self) -> bool:
        return bool(self.notices.data)


class AtForm(DeedForm):
    """At a time in Japan, which must come."""

    day = StringField("公開する日", id="at-day")
    time = StringField("公開する時刻", id="at-time")
    notices = BooleanField(_NOTICES, default=True, id="at-notices")

    def tells(self) -> bool:
        return bool(self.notices.data)

    def instant(self, now: datetime) -> datetime | None:
        if not (self.day.data or "").strip():
            self.refuse(self.day, "batch_day_empty")
        if not (self.time.data or "").strip():
            self.refuse(self.time, "batch_time_empty")
        return None if self.errors else self._read(now)

    def _read(self, now: datetime) -> datetime | None:
        typed_day, typed_time = (_narrow(field.data) for field in (self.day, self.time))
        day, time = _DAY.fullmatch(typed_day), _TIME.fullmatch(typed_time)
        try:
            year, month, number = (int(each) for each in day.groups()) if day else (0, 0, 0)
            on = datetime(year, month, number, tzinfo=_TOKYO)
        except ValueError:
            self.refuse(self.day, "batch_day_unreadable")
            return None
        hour, minute = (int(each or 0) for each in time.groups()) if time else (24, 0)
        if hour > 23 or minute > 59:
            self.refuse(self.time, "batch_time_unreadable")
            return None
        at = (on + timedelta(hours=hour, minutes=minute)).astimezone(UTC)
        if at <= now:
            self.refuse(self.day, "batch_time_over")
        elif at > now + timedelta(days=FURTHEST_DAYS):
            self.refuse(self.day, "batch_time_far", days=FURTHEST_DAYS)
        return at


class AskForm(AtForm):
    """As soon as somebody approves it, or at a time."""

    day = StringField("公開する日", id="ask-day")
    time = StringField("公開する時刻", id="ask-time")
    notices = BooleanField(_NOTICES, default=True, id="ask-notices")

    def instant(self, now: datetime) -> datetime | None:
        is_open = not (self.day.data or "").strip() and not (self.time.data or "").strip()
        return None if is_open else super().instant(now)


class TakeBackForm(DeedForm):
    """With the reason, for the trail."""

    reason = TextAreaField("取り消す理由", id="take-back-reason")

    def words(self) -> str:
        typed = visible(self.reason.data or "").strip()
        if not typed:
            self.refuse(self.reason, "batch_reason_empty")
        if len(typed) > LONGEST_REASON:
            self.refuse(self.reason, "batch_reason_too_long", most=LONGEST_REASON)
        return typed


FORMS: Final[Mapping[BatchDeed, type[DeedForm]]] = {
    **dict.fromkeys(BatchDeed, DeedForm),
    BatchDeed.PUBLISH: PublishForm,
    BatchDeed.SCHEDULE: AtForm,
    BatchDeed.ASK: AskForm,
    BatchDeed.TAKE_BACK: TakeBackForm,
}


class TypedForm(TakeBackForm, AskForm):
    """All that may be typed with any of the deeds: what outlives a login, an old page and an outage."""


def _narrow(typed: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", typed or "").split())
