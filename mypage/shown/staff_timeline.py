"""The timeline of a customer in words: what happened, who did it, what to tell the caller of what failed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mypage.domain import support_act
from mypage.domain.billing_month import BillingMonth
from mypage.domain.personal import named
from mypage.domain.support_reason import Reason
from mypage.domain.timeline import Kind
from mypage.domain.view_reason import named as view_reason_named
from mypage.services.calls import caller_named, verified_named
from mypage.services.timeline import Entry
from mypage.words import staff_timeline as words
from mypage.words import trail
from mypage.words.causes import CAUSES
from mypage.words.filters import filters
from mypage.words.staff_causes import TELL, WHY
from mypage.words.staff_identity import WAYS

KINDS: Final[Mapping[Kind, str]] = {
    Kind.TRY: "登録の手続き",
    Kind.MAIL: "メール",
    Kind.LOGIN: "ログイン",
    Kind.STAFF: "窓口の操作",
    Kind.BATCH: "データの反映",
    Kind.LOOK: "窓口の閲覧",
}
_WHO: Final = {
    "visitor": "お客様（ログイン前）",
    "account": "お客様",
    "worker": "自動",
    "cli": "システム担当",
    "demo": "見本の準備",
}
_REQUESTS: Final = {
    "phone-signup": "お電話での会員登録",
    "identity-approval": "変更されたばかりの契約者情報での登録",
}
_SAID: Final = filters("ja")
_ACT_REASONS: Final = {reason.word: reason.label for reason in Reason}
_UNKNOWN: Final = "記録なし"


@dataclass(frozen=True, slots=True)
class ShownCause:
    """A cause with its page of the help; ``why`` in plain words, ``tell`` what to say to the caller."""

    code: str
    title: str
    path: str
    why: str
    tell: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is read."""

    at: datetime
    kind: str
    text: str
    who: str
    causes: tuple[ShownCause, ...]


def line(entry: Entry, staff: Mapping[str, str]) -> Line:
    """An entry in words; ``staff`` are names by actor."""
    return Line(
        at=entry.at,
        kind=KINDS[entry.kind],
        text=text(entry),
        who=staff.get(entry.actor) or _who(entry),
        causes=tuple(cause(code) for code in entry.causes if code not in _of_links(entry)),
    )


def _who(entry: Entry) -> str:
    """Whoever is not known by name: staff who are gone, and what is nobody's."""
    if entry.kind is Kind.BATCH:
        return "料金担当"
    return _WHO.get(entry.actor.partition(":")[0], "窓口")


def text(entry: Entry) -> str:
    """What happened, in a sentence."""
    code = f"timeline_{_variant(entry).replace('.', '_')}"
    told = words.SENTENCES.get(code)
    if told is None:
        title = trail.SENTENCES.get(f"trail.{entry.what}")
        return f"{title}。" if title else "この画面では説明できない操作がありました。"
    return told.format(**_FACTS.get(entry.what, _no_facts)(entry)).strip()


def cause(code: str) -> ShownCause:
    """A cause as staff are told of it."""
    return ShownCause(code, CAUSES[code], f"/help/{code.lower()}", WHY[code], TELL[code])


def _of_links(entry: Entry) -> tuple[object, ...]:
    """What older links show from then on explains no failure of this entry."""
    return (entry.facts.get("older_links"),)


def _variant(entry: Entry) -> str:
    """Some entries are told in two ways."""
    facts = entry.facts
    match entry.what:
        case "mail.waiting" if facts.get("attempts"):
            return "mail.put_off"
        case "customer.opened" if facts.get("revealed"):
            return "customer.opened_revealed"
        case "notices.turned_off" if facts.get("by") == "link":
            return "notices.turned_off_by_link"
        case "view.looked":
            return "view.looked_list" if facts.get("page") == "list" else "view.looked_month"
        case _:
            return entry.what


def _no_facts(_entry: Entry) -> dict[str, str]:
    return {}


def _all(values: object, table: Mapping[str, str]) -> str:
    """The words of values, those without words left out."""
    listed = values if isinstance(values, list) else [values]
    return "、".join(table[str(value)] for value in listed if str(value) in table)


def _plain(*names: str) -> Callable[[Entry], dict[str, Any]]:
    """Numbers, as they are."""
    return lambda entry: {name: _number(entry.facts.get(name)) for name in names}


def _number(value: object) -> str:
    return str(value) if isinstance(value, int) else _UNKNOWN


def _why(entry: Entry) -> dict[str, str]:
    """The cause in plain words, or the reason that is no cause of the first try."""
    code = str(entry.facts.get("cause"))
    return {"why": WHY.get(code) or words.REASONS.get(code, "")}


def _reason(entry: Entry) -> dict[str, str]:
    return {"reason": _all(entry.facts.get("reason"), words.REASONS)}


def _missed(entry: Entry) -> dict[str, str]:
    return {"missed": _all(entry.facts.get("missed"), words.MISSED)}


def _stumbled(entry: Entry) -> dict[str, str]:
    rules = _all(entry.facts.get("rules"), words.RULES)
    step = words.STEPS.get(str(entry.facts.get("step")), "入力")
    return {"step": step, "rules": f"（{rules}）" if rules else ""}


def _recovered(entry: Entry) -> dict[str, str]:
    return {"kind": words.RECOVERED.get(str(entry.facts.get("kind")), "登録情報"), **_reason(entry)}


def _mail(entry: Entry) -> dict[str, Any]:
    facts = entry.facts
    # A mail that was purged is told by its row of the trail, which says neither whereto nor when else.
    moments = {
        name: _SAID["moment"](at if isinstance(at := facts.get(name), datetime) else entry.at)
        for name in ("next_try_at", "handed_over_at")
    }
    kind = words.MAILS.get(str(facts.get("kind")), words.OTHER_MAIL)
    return {**facts, **moments, "kind": kind, "recipient": facts.get("recipient") or _UNKNOWN}


def _batch(entry: Entry) -> dict[str, Any]:
    facts = entry.facts
    months = facts.get("months")
    listed = months if isinstance(months, list) else []
    told = "、".join(_SAID["month"](BillingMonth.from_int(month)) for month in listed)
    changed = _all(facts.get("changed"), words.COLUMNS)
    return {
        "kind": words.BATCHES.get(str(facts.get("kind")), "データ"),
        "batch_id": _number(facts.get("batch_id")),
        "months": f"請求年月：{told}。" if told else "",
        "changed": f"変わった項目：{changed}。" if changed else "",
    }


def _caller(word: object) -> str:
    found = caller_named(str(word))
    return found.label if found else "お客様"


def _call(entry: Entry) -> dict[str, Any]:
    ways = entry.facts.get("verified")
    labels = [way.label for word in (ways if isinstance(ways, list) else []) if (way := verified_named(word))]
    return {
        "caller": _caller(entry.facts.get("caller")),
        "verified": "、".join(labels) or "確認なし",
        "number": _number(entry.facts.get("number")),
        "reached": _caller(entry.facts.get("reached")),
        "tries_left": _number(entry.facts.get("tries_left")),
    }


def request_label(kind: str) -> str:
    """What a second person is asked for."""
    act = support_act.named(kind)
    return act.label if act else _REQUESTS.get(kind, "操作")


def _request(entry: Entry) -> dict[str, str]:
    return {"kind": request_label(str(entry.facts.get("kind")))}


def _act(entry: Entry) -> dict[str, str]:
    reason = _all(entry.facts.get("reason"), _ACT_REASONS)
    return {"act": request_label(str(entry.facts.get("act"))), "reason": reason or _UNKNOWN}


def _revealed(entry: Entry) -> dict[str, str]:
    listed = entry.facts.get("revealed", entry.facts.get("fields"))
    found = [fact.label for word in (listed if isinstance(listed, list) else []) if (fact := named(word))]
    return {"revealed": "、".join(found), "fields": "、".join(found)}


def _view(entry: Entry) -> dict[str, str]:
    reason = view_reason_named(str(entry.facts.get("reason")))
    month = BillingMonth.parse(str(entry.facts.get("page")))
    return {
        "reason": reason.label if reason else _UNKNOWN,
        "page": _SAID["month"](month) if month else "",
    }


def _approval(entry: Entry) -> dict[str, str]:
    return {
        "batch": _number(entry.facts.get("batch")),
        "until": _instant(entry.facts.get("until")),
        "way": WAYS.get(str(entry.facts.get("way")), _UNKNOWN),
    }


def _instant(written: object) -> str:
    try:
        at = datetime.fromisoformat(str(written))
    except ValueError:
        return _UNKNOWN
    return str(_SAID["moment"](at)) if at.tzinfo else _UNKNOWN


_FACTS: Final[Mapping[str, Callable[[Entry], Mapping[str, Any]]]] = {
    "identity.missed": _missed,
    "signup.stumbled": _stumbled,
    "registration.refused": _why,
    "registration.resent": _plain("serial"),
    "registration.voided": _reason,
    "activation.refused": _why,
    "letter.asked": _plain("serial"),
    "letter.refused": _plain("tries_left"),
    "login.refused": _why,
    "password.change_refused": _why,
    "password.reset_refused": _reason,
    **dict.fromkeys(
        ("recovery.requested", "recovery.throttled", "recovery.sent", "recovery.refused"), _recovered
    ),
    **dict.fromkeys(
        ("mail.waiting", "mail.handed_over", "mail.refused", "mail.given_up", "mail.void", "mail.voided"),
        _mail,
    ),
    **dict.fromkeys(("call.noted", "call.number_shown", "call.call_back_made", "call.code_refused"), _call),
    **dict.fromkeys(
        (
            "request.opened",
            "request.revealed",
            "request.asked",
            "request.approved",
            "request.refused",
            "request.declined",
            "request.withdrawn",
            "request.overtaken",
        ),
        _request,
    ),
    "approval.awaited": _approval,
    "approval.given": _approval,
    "account.withdrawn": _approval,
    "batch.identity_shown": _approval,
    "act.form_opened": _act,
    "act.done": _act,
    "customer.opened": _revealed,
    "customer.revealed": _revealed,
    "view.opened": _view,
    "view.looked": _view,
    "batch.sample_looked": _view,
    "batch.published": _batch,
    "batch.taken_back": _batch,
}
