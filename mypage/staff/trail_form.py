"""What is asked of the trail, as a form and as an address.

A form is posted, because what somebody types by mistake must not stand in an address; what it means does: days, codes
and keys, so that a page can be kept, sent to a colleague and gone on with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField

from mypage.domain import customer_number
from mypage.domain.trail_search import ACTOR_KINDS, Asked, instant, is_account, is_actor
from mypage.services import staff_directory, trail_search
from mypage.web.house import house
from mypage.web.staff_forms import Form
from mypage.words import trail as words

# The fields of an address, in their order. ``account`` comes from a link only.
FIELDS: Final = (
    "since",
    "since_time",
    "until",
    "until_time",
    "actor",
    "action",
    "customer",
    "batch",
    "account",
)
_KINDS: Final = {
    "staff": "スタッフ（全員）",
    "account": "会員（全員）",
    "visitor": "ログインしていない人",
    "worker": "自動処理",
    "cli": "サーバーのコマンド",
    "token": "APIトークン（すべて）",
}
_GROUPS: Final = {
    "登録": ("identity.", "signup.", "registration.", "release.", "activation.", "letter.", "letters."),
    "会員のログインと設定": ("login.", "logout.", "form.", "nickname.", "password.", "recovery.", "address."),
    "メール": ("mail.",),
    "料金データ": ("batch.", "token."),
    "スタッフ": ("staff.", "factor."),
    "お客様への対応": ("customer.", "view.", "call.", "support_code.", "request.", "act."),
    "操作履歴": ("trail.",),
}
_MOST_BATCHES: Final = 2**31 - 1


class TrailForm(Form):
    """When, who, what, which customer, which batch; all of it may be left open."""

    since = StringField("この日から")
    since_time = StringField("時刻（から）")
    until = StringField("この日まで")
    until_time = StringField("時刻（まで）")
    actor = SelectField("だれが", validate_choice=False)
    action = SelectField("したこと", validate_choice=False)
    customer = StringField("お客様番号")
    batch = StringField("取込の番号")
    account = StringField("アカウントの番号")

    def offer(self, connection: Connection) -> None:
        """Fill the lists: everybody of the staff by name, every action by what it is about."""
        people = [(f"staff:{each.id}", each.name) for each in staff_directory.everybody(connection)]
        kinds = [(kind, _KINDS[kind]) for kind in ACTOR_KINDS]
        given = str(self.actor.data or "")
        known = {value for value, _ in (*people, *kinds)}
        others = [(given, words.actor_kind(given))] if given and given not in known else []
        self.actor.choices = {
            "": [("", "だれでも")],
            "まとめて": kinds,
            "スタッフ": people,
            **({"そのほか": others} if others else {}),
        }
        self.action.choices = {"": [("", "すべて")], **_actions()}


@dataclass(frozen=True, slots=True)
class Question:
    """What an address asks for, and the parts of the address."""

    asked: Asked
    parts: Mapping[str, str]


def question(connection: Connection, typed: Mapping[str, str], form: TrailForm) -> Question | None:
    """What was typed means this; None where ``form`` has been told what is wrong."""
    given = {name: (typed.get(name) or "").strip() for name in FIELDS}
    since = _instant(form, "since", given)
    until = _instant(form, "until", given, ends=True)
    if since is not None and until is not None and since >= until:
        form.refuse(form.until, "trail_until_before_since")
    key = _customer(form, given)
    batch_id = _batch(form, given)
    if given["actor"] and not is_actor(given["actor"]):
        form.refuse(form.actor, "trail_actor_unknown")
    if given["account"] and not is_account(given["account"]):
        form.refuse(form.account, "trail_account_wrong")
    if given["action"] and given["action"] not in words.ACTIONS:
        form.refuse(form.action, "trail_action_unknown")
    if form.errors:
        return None
    asked = Asked(
        since=since,
        until=until,
        actor=given["actor"] or None,
        action=given["action"] or None,
        customer_keys=trail_search.keys_of(connection, key) if key else (),
        account_id=given["account"] or None,
        batch_id=batch_id,
    )
    return Question(asked, {name: text for name, text in {**given, "customer": key}.items() if text})


def of_address(arguments: "MultiDict[str, str]") -> Mapping[str, str]:
    """The fields of an address."""
    return {name: arguments.get(name, "") for name in FIELDS}


def _instant(form: TrailForm, name: str, given: Mapping[str, str], *, ends: bool = False) -> datetime | None:
    day, time = given[name], given[f"{name}_time"]
    if not day:
        if time:
            form.refuse(form[name], "trail_day_missing")
        return None
    found = instant(day, time, ends=ends)
    if found is None:
        form.refuse(form[name], "trail_day_wrong")
    return found


def _customer(form: TrailForm, given: Mapping[str, str]) -> str:
    """The key of a customer: as a link gives it, or a number as anybody writes it."""
    typed = given["customer"]
    if not typed:
        return ""
    try:
        customer_number.split_key(typed)
    except ValueError:
        folded = customer_number.fold(typed, house().settings.customer_number_pattern)
        if folded is None:
            form.refuse(form.customer, "trail_customer_wrong")
        return folded or ""
    return typed


def _batch(form: TrailForm, given: Mapping[str, str]) -> int | None:
    typed = given["batch"]
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 12 and 0 < int(typed) <= _MOST_BATCHES):
        form.refuse(form.batch, "trail_batch_wrong")
        return None
    return int(typed)


def _actions() -> dict[str, list[tuple[str, str]]]:
    return {
        group: [(word, said) for word, said in words.ACTIONS.items() if word.startswith(begins)]
        for group, begins in _GROUPS.items()
    }
