"""Authenticator apps (RFC 6238): secrets, codes, and the picture that a telephone reads."""

import hmac
from collections.abc import Iterable

import pyotp
import segno

from mypage.domain.second_factor import DIGITS, STEP_SECONDS


def new_secret() -> str:
    """A secret of 160 bits, as apps take it."""
    return pyotp.random_base32()


def matching_step(secret: str, digits: str, steps: Iterable[int]) -> int | None:
    """The step among ``steps`` whose code is ``digits``, the newest of several; None if none is."""
    app = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    # All of them are compared, so that the time does not tell how far a clock is off.
    found = [step for step in steps if hmac.compare_digest(app.generate_otp(step), digits)]
    return max(found, default=None)


def code_at(secret: str, step: int) -> str:
    """The code that an app shows in that step."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).generate_otp(step)


def address(secret: str, *, name: str, issuer: str) -> str:
    """What the picture says: the secret, and whose login where it is."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=name, issuer_name=issuer
    )


def picture(text: str, *, title: str) -> str:
    """``text`` as a QR code: SVG to stand in a page, with its title for who cannot see it."""
    return segno.make(text, error="m", micro=False).svg_inline(
        # With a view box, so that a style sheet may say how large it is.
        omitsize=True,
        border=4,
        dark="#000",
        light="#fff",
        svgclass="qr",
        lineclass=None,
        title=title,
    )


def in_groups(secret: str) -> str:
    """The secret as it is typed in by hand."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
