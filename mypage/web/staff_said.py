"""What a page says of the deed that led to it (``?said=CODE``): only words of ours, whatever stands in the address."""

from typing import NamedTuple

from flask import request

from mypage.web.own_paths import SAID
from mypage.words import batch_upload
from mypage.words.staff import DONE as OF_PEOPLE
from mypage.words.staff import SENTENCES

DONE = {**OF_PEOPLE, **batch_upload.DONE}


class Told(NamedTuple):
    """A notice: its kind, and its title."""

    kind: str
    title: str


def told() -> Told | None:
    """The notice for this page, None where there is nothing to say."""
    code = request.args.get(SAID, "")
    if code in DONE:
        return Told("success", DONE[code])
    return Told("warning", SENTENCES[code]) if code in SENTENCES else None
