"""The timeline in words: every action, every mail and every batch, and never a raw code."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mypage.domain.batch import Kind as BatchKind
from mypage.domain.customers import CARRIED
from mypage.domain.identity import MissedItem
from mypage.domain.mail import MailKind
from mypage.domain.personal import Personal
from mypage.domain.support_act import SupportAct
from mypage.domain.support_reason import Reason
from mypage.domain.timeline import Kind
from mypage.domain.trail import Action
from mypage.domain.view_reason import ViewReason
from mypage.services.timeline import Entry, Place
from mypage.shown.staff_timeline import KINDS, line, text
from mypage.words import staff_timeline as words
from mypage.words.causes import CAUSES, TOLD_BY

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "mail"
AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
# What may stand in Latin letters: codes that staff read out, masks, and words of the trade.
_ALLOWED = re.compile(r"[A-F]-\d\d|Web|URL|ID|IDチェック|SMS")


def entry(what: str, /, by: str = "visitor", of: Kind = Kind.TRY, **facts: Any) -> Entry:
    return Entry(AT, what, by, (), facts, of, Place(AT, 1, 1))


def said(what: str, /, **facts: Any) -> str:
    """The sentence, which shows nobody a raw code."""
    told = text(entry(what, **facts))
    assert told.endswith(("。", "）", "）。")) or "：" in told, told
    assert not re.search(r"[a-z_]{3,}|\{|None", _ALLOWED.sub("", told)), told
    return told


@pytest.mark.parametrize("action", list(Action))
def test_every_action_has_its_words(action: Action) -> None:
    assert said(action.word, **dict.fromkeys(action.fact_names, "nonsense"))
    assert said(action.word, **{name: ["nonsense"] for name in action.fact_names})


def test_an_action_of_another_release_is_told_all_the_same() -> None:
    told = line(entry("some.thing", "robot:7"), {})
    assert told.who == "窓口"
    assert told.kind == KINDS[Kind.TRY]


def test_every_mail_in_every_state() -> None:
    facts = {"recipient": "＊＊＊", "handed_over_at": AT, "next_try_at": AT, "attempts": 2}
    for kind in MailKind:
        # What goes to staff stands in nobody's timeline.
        if kind.word.startswith("staff_"):
            continue
        # Staff call a mail as its subject does, for the caller looks for that.
        name = words.MAILS[kind.word].partition("（")[0]
        assert f'"{name}（{{operator}}）"' in (TEMPLATES / f"{kind.word}.txt").read_text(encoding="utf-8")
        for state in ("waiting", "handed_over", "refused", "given_up", "void"):
            assert f"「{words.MAILS[kind.word]}」" in said(f"mail.{state}", kind=kind.word, **facts)
    assert "これまで2回" in said("mail.waiting", kind="registered", **facts)
    assert "送信を待っています" in said("mail.waiting", kind="registered", recipient="＊＊＊", attempts=0)
    assert "2026年11月24日（火）12時00分" in said("mail.handed_over", kind="registered", message_id="1")


def test_what_a_batch_brought() -> None:
    for kind in BatchKind:
        assert words.BATCHES[kind] in said("batch.published", kind=kind, batch_id=3, months=[], changed=[])
    assert set(CARRIED) == words.COLUMNS.keys()
    told = said("batch.published", kind="charges", batch_id=3, months=[202610, 202611], changed=["phone"])
    assert "請求年月：2026年10月、2026年11月。変わった項目：電話番号。" in told
    assert line(entry("batch.published", "cli:root", Kind.BATCH, kind="charges"), {}).who == "料金担当"


def test_what_was_missed_and_which_rule_and_why() -> None:
    assert set(MissedItem) == words.MISSED.keys()
    assert "電話番号、お名前（カナ）" in said("identity.missed", missed=["phone", "name_kana"], cause="A-03")
    of_the_signup = {
        code for cause in ("B-01", "B-02", "B-03", "C-01", "C-02", "C-04", "C-10") for code in TOLD_BY[cause]
    }
    assert of_the_signup <= words.RULES.keys()
    assert "初期情報の画面" in said(
        "signup.stumbled", step="profile", rules=["password_common"], cause="B-02"
    )
    for cause in CAUSES:
        assert said("login.refused", cause=cause) != "ログインできませんでした。"
    assert "利用を停止している" in said("login.refused", cause="suspended")
    for reason in words.REASONS:
        assert words.REASONS[reason] in said("registration.voided", reason=reason)
    assert "パスワードの再発行" in said("recovery.refused", kind="password", reason="bounced")


def test_what_staff_did() -> None:
    for act in SupportAct:
        assert f"［{act.label}］" in said("act.done", act=act.word, reason=Reason.ASKED.word)
        assert act.label in said("request.asked", kind=act.word, request_id="1")
    assert "本人（ご住所で確認）" in said("call.noted", caller="self", verified=["address"], call_id="1")
    assert "家族につながりました" in said("call.call_back_made", number=1, reached="family", call_id="1")
    for personal in Personal:
        assert personal.label in said("customer.revealed", fields=[personal.word], call_id="1")
        assert personal.label in said("customer.opened", revealed=[personal.word])
    assert said("customer.opened", revealed=[]) == "お客様の画面を開きました。"
    for reason in ViewReason:
        assert reason.label in said("view.opened", reason=reason.word)
    assert said("view.looked", page="list", view_id="1") == "お客様と同じご利用料金の一覧を見ました。"
    assert "2026年10月の明細" in said("view.looked", page="2026-10", view_id="1")
    assert line(entry("act.done", "staff:s1"), {"staff:s1": "鈴木"}).who == "鈴木"


def test_older_links_explain_no_failure() -> None:
    done = Entry(
        AT, "activation.done", "visitor", ("C-07",), {"older_links": "C-07"}, Kind.TRY, Place(AT, 1, 1)
    )
    assert line(done, {}).causes == ()
    missed = Entry(AT, "identity.missed", "visitor", ("A-03",), {"cause": "A-03"}, Kind.TRY, Place(AT, 1, 1))
    (cause,) = line(missed, {}).causes
    assert (cause.code, cause.path) == ("A-03", "/help/a-03")
    assert cause.why
    assert cause.tell
