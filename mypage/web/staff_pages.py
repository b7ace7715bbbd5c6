"""Rendering a page of the console: in Japanese always, with who is there and the menu of their role."""

from typing import Any

from flask import g

from mypage.web import own_paths, pages, staff_logins, staff_menu


def page(template: str, /, **context: Any) -> str:
    """``template`` (which extends ``staff/frame.html``), with ``me`` (or None) and the menu."""
    g.language = "ja"
    session = g.get("staff_session")
    me = session if session is not None and session.is_whole else None
    context.setdefault("me", me)
    context.setdefault("menu", staff_menu.entries(me.role) if me is not None else ())
    context.setdefault("may", lambda endpoint: me is not None and staff_logins.allows(endpoint, me.role))
    # Nobody of the subscribers is logged in here, whatever the same browser holds besides.
    return pages.page(template, account=None, customer_query="", **context)


def error_page(template: str, /, **context: Any) -> str:
    """A page for what went wrong, in the shell of whoever asked: the console's, or the subscribers'."""
    if own_paths.is_console():
        return page(f"staff/{template}", **context)
    return pages.page(template, **context)
