"""What a page says of the deed that led to it (``?said=CODE``): only words of ours, whatever stands in the address."""

from typing import Final, NamedTuple

from flask import request

from mypage.web.own_paths import SAID
from mypage.words import batch_publishing, batch_upload, staff

_DONE: Final = {**staff.DONE, **batch_publishing.DONE, **batch_upload.DONE}


class Told(NamedTuple):
    """A notice: its kind, and its title."""

    kind: str
    title: str


def told() -> Told | None:
    """The notice for this page, None where there is nothing to say."""
    code = request.args.get(SAID, "")
    if code in _DONE:
        return Told("success", _DONE[code])
    return Told("warning", staff.SENTENCES[code]) if code in staff.SENTENCES else None
