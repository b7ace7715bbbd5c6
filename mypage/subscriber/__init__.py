"""The doors of subscribers. Each blueprint is closed by default; its few open pages are listed in it."""

from flask import Flask

from mypage.subscriber import (
    activation,
    address_confirmation,
    contract,
    kept_form,
    login,
    menu,
    notices,
    opening,
    password,
    password_reset,
    profile,
    recovery,
    registration,
    signup,
    statements,
    support_code,
)
from mypage.subscriber import help as help_pages

_DOORS = (
    signup.doors,
    registration.doors,
    activation.doors,
    login.doors,
    recovery.doors,
    password_reset.doors,
    address_confirmation.doors,
    menu.doors,
    statements.doors,
    contract.doors,
    profile.doors,
    notices.doors,
    password.doors,
    support_code.doors,
    opening.doors,
    help_pages.doors,
    kept_form.doors,
)


def register(app: Flask) -> None:
    """Hang the doors into ``app``."""
    for doors in _DOORS:
        app.register_blueprint(doors)
