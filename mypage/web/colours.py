"""The operator's key colour as a small generated style sheet, named by its content so that browsers keep it."""

import hashlib

from flask import Blueprint, Response

from mypage.config.settings import Settings
from mypage.domain.colour import mix
from mypage.web.house import house

# The one that static/mypage.css holds already: then no second file is loaded.
BUILT_IN = "#0017c1"
doors = Blueprint("colours", __name__)


def style_sheet(key: str) -> str:
    """The custom properties that follow from the key colour; the shares are those of ``static/mypage.css``."""
    return (
        f":root{{--key:{key};--key-hover:{mix(key, '#000000', 0.75)};--key-active:{mix(key, '#000000', 0.5)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--key-light:{mix(key, '#ffffff', 0.34)}}}}}\n"
    )


def path(settings: Settings) -> str | None:
    """Where the style sheet stands, None where the built-in colour is used."""
    if settings.key_colour == BUILT_IN:
        return None
    digest = hashlib.sha256(style_sheet(settings.key_colour).encode()).hexdigest()[:12]
    return f"/static/operator-{digest}.css"


@doors.get("/static/operator-<digest>.css")
def operator_css(digest: str) -> Response:
    """The style sheet; an older name still answers, for pages that were loaded before a change."""
    return Response(style_sheet(house().settings.key_colour), mimetype="text/css")
