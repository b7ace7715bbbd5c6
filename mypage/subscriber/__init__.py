"""The doors of subscribers. Each blueprint is closed by default; its few open pages are listed in it."""

from flask import Flask

from mypage.subscriber import contract, login, menu, password, recovery, statements

_DOORS = (login.doors, recovery.doors, menu.doors, statements.doors, contract.doors, password.doors)


def register(app: Flask) -> None:
    """Hang the doors into ``app``."""
    for doors in _DOORS:
        app.register_blueprint(doors)
