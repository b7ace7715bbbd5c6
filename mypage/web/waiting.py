"""A wait after wrong tries: the page tells it in words, the answer in seconds."""

from flask.typing import ResponseReturnValue

from mypage.services.throttle import Waiting


def told(html: str, waiting: Waiting) -> ResponseReturnValue:
    """``html``, which tells the wait in minutes, as the answer to a try that came too early."""
    return html, 429, {"Retry-After": str(waiting.minutes * 60)}
