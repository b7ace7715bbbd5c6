"""The words of the mails, in both languages."""

import re

import jinja2
import pytest

from mypage.adapters.mail_text import MailText, MailTexts
from mypage.config.load import load
from mypage.domain.mail import MailKind
from mypage.services.batch_notices import What
from mypage.words.catalogue import LANGUAGES
from mypage.words.templates import ROOT
from tests.portal import environment

LINK = "https://my.example.jp/signup/activate/eyJy.abc.def"
FACTS: dict[str, dict[str, object]] = {
    "provisional_registration": {"link": LINK},
    "provisional_registration_by_phone": {"link": LINK},
    "registered": {"nickname": "たろう"},
    "registered_letter": {"nickname": "たろう"},
    "registered_closed": {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00"},
    "registration_released": {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00"},
    "statement_ready": {"nickname": "たろう", "number": "5678", "month": 202610},
    "letter_proven": {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00"},
    "already_registered": {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00"},
    "password_changed": {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00"},
    "password_recovered": {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00"},
    "login_ids": {"login_ids": ["tarou-2026", "Hanako"]},
    "password_reset": {"nickname": "たろう", "mark": "a-mark", "link": LINK},
    "address_confirmation": {"mark": "a-mark", "link": LINK},
    "registration_cancelled": {"at": "2026-11-24T03:00:05+00:00"},
    "address_corrected": {"at": "2026-11-24T03:00:05+00:00"},
    **{
        kind: {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00"}
        for kind in (
            "account_suspended",
            "account_resumed",
            "sessions_ended",
            "address_replaced",
            "address_restored",
            "second_factor_removed",
            "release_objected",
            "release_settled",
            "registered_approval",
            "approval_given",
            "approval_declined",
            "approval_expired",
            "account_withdrawn",
        )
    },
    "registration_withdrawn": {"at": "2026-11-24T03:00:05+00:00"},
    "identity_changed": {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00", "batch_id": 7},
    "number_changed": {"nickname": "たろう", "at": "2026-11-24T03:00:05+00:00", "batch_id": 7},
    "staff_invitation": {"name": "佐藤", "role": "オペレーター", "mark": "a-mark", "link": LINK},
    "staff_trail_doubted": {"seq": 4711, "at": "2026-11-24T03:00:05+00:00"},
    "staff_looked_much": {
        "name": "佐藤",
        "look": "searches",
        "limit": 100,
        "at": "2026-11-24T03:00:05+00:00",
    },
    "staff_notice": {"name": "佐藤", "what": "code_used", "at": "2026-11-24T03:00:05+00:00"},
    "staff_batch": {
        "name": "高橋",
        "what": "asked",
        "ids": [12, 13],
        "kinds": ["契約者", "請求"],
        "due": "2026年11月27日（金）9時00分",
        "late": 12,
        "reason": "ファイルがありません。",
        "by": "佐藤",
        "page": "/staff/batches/12",
        "at": "2026-11-24T03:00:05+00:00",
    },
}
LINKS = {
    **dict.fromkeys(FACTS, 1),
    **dict.fromkeys(("password_changed", "password_recovered", "registration_released", "staff_notice"), 0),
    # What became of a registration, or of the master, without its owner's doing.
    **dict.fromkeys(
        (
            "registered_approval",
            "approval_declined",
            "identity_changed",
            "number_changed",
            "registration_withdrawn",
            "account_withdrawn",
        ),
        0,
    ),
    # What staff did for a caller.
    **dict.fromkeys(
        (
            "registration_cancelled",
            "account_suspended",
            "account_resumed",
            "sessions_ended",
            "address_corrected",
            "address_replaced",
            "address_restored",
            "second_factor_removed",
            "release_objected",
            "release_settled",
        ),
        0,
    ),
}
# To an address that may be somebody else's, or several people's: nobody is named.
TO_NOBODY = (
    "provisional_registration",
    "provisional_registration_by_phone",
    "login_ids",
    "address_confirmation",
    "registration_cancelled",
    "registration_withdrawn",
    "address_corrected",
)
# In Japanese only, as the console, and by name.
TO_STAFF = tuple(kind.word for kind in MailKind if kind.is_for_staff)
TEXTS = MailTexts(
    load(
        environment("sqlite:///x.db", public_url="https://my.example.jp", mail_from="mypage@cable.example.jp")
    )
)


def _render(kind: str, language: str = "ja", **facts: object) -> MailText:
    return TEXTS.render(kind, language, {**FACTS[kind], **facts})


def test_every_kind_is_looked_at_here() -> None:
    assert FACTS.keys() == {kind.word for kind in MailKind}
    for kind in MailKind:
        assert FACTS[kind.word].keys() - {"link"} == kind.fact_names


def test_the_mail_of_a_signup_on_the_telephone_is_the_same_but_for_what_to_do() -> None:
    on_web, by_phone = _render("provisional_registration"), _render("provisional_registration_by_phone")
    assert by_phone.subject == on_web.subject
    one, other = set(on_web.body.splitlines()), set(by_phone.body.splitlines())
    assert len(one - other) == len(other - one) == 1
    assert "お客様番号と電話番号を入れ、パスワードを決めて" in (other - one).pop()
    assert LINK in one & other


def test_the_provisional_registration_in_japanese() -> None:
    mail = _render("provisional_registration")
    assert mail.subject == "仮登録受付完了のお知らせ（サンプルケーブル）"
    lines = mail.body.splitlines()
    assert lines[0] == "お客様"
    assert lines[lines.index("■ 本登録手続きURL") + 1] == LINK
    assert "このURLは、このメールをお送りしてから24時間お使いになれます。" in lines
    assert "仮登録のときに決めたパスワード" in mail.body
    assert "・差出人のアドレスは mypage@cable.example.jp です。" in lines
    assert "・本登録手続きURLは「my.example.jp」のページです。" in lines


def test_the_provisional_registration_in_english() -> None:
    mail = _render("provisional_registration", "en")
    assert mail.subject == "Your provisional registration was received (サンプルケーブル)"
    lines = mail.body.splitlines()
    assert lines[0] == "Dear customer,"
    assert lines[lines.index("■ Activation link") + 1] == LINK
    assert "The link can be used for 24 hours from when this mail was sent." in lines


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TO_NOBODY)
def test_nobody_can_write_into_a_mail_to_an_address_that_is_not_confirmed(kind: str, language: str) -> None:
    said = TEXTS.render(kind, language, {**FACTS[kind], "nickname": "賞金はこちら"})
    assert "賞金" not in said.subject + said.body


def test_the_mail_to_who_forgot_the_id_holds_ids_only() -> None:
    mail = _render("login_ids")
    assert mail.subject == "アカウントIDのお知らせ（サンプルケーブル）"
    lines = mail.body.splitlines()
    ids = lines.index("■ このメールアドレスでご登録のアカウントID")
    assert lines[ids + 1 : ids + 4] == ["tarou-2026", "Hanako", ""]
    assert "https://my.example.jp/login" in lines
    assert "アカウントIDだけでは、ログインできません。" in mail.body


def test_the_mail_to_who_forgot_the_password_has_one_link_and_no_id() -> None:
    mail = _render("password_reset")
    assert mail.subject == "パスワード再設定のご案内（サンプルケーブル）"
    lines = mail.body.splitlines()
    assert lines[lines.index("■ パスワード再設定URL") + 1] == LINK
    assert "このURLは、このメールをお送りしてから1時間、1回だけお使いになれます。" in lines
    assert "何もなさらなければ、パスワードは変わりません。" in mail.body
    assert "・パスワード再設定URLは「my.example.jp」のページです。" in lines
    english = _render("password_reset", "en").body.splitlines()
    assert "The link can be used once, within one hour from when this mail was sent." in english
    assert "a-mark" not in mail.body


def test_the_owner_is_told_that_the_password_was_recovered() -> None:
    assert "「パスワードをお忘れの方」のお手続きで再設定されました。" in _render("password_recovered").body
    assert "「パスワードをお忘れの方」" not in _render("password_changed").body
    assert 'was reset through "Forgot your password?"' in _render("password_recovered", "en").body


def test_the_confirmation_of_an_address_names_nobody() -> None:
    mail = _render("address_confirmation")
    lines = mail.body.splitlines()
    assert lines[0] == "お客様"
    assert lines[lines.index("■ メールアドレス確認URL") + 1] == LINK
    assert "お客様マイページにログインしたまま、" in mail.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FACTS)
def test_each_mail_is_short_and_has_what_every_mail_has(kind: str, language: str) -> None:
    mail = _render(kind, language)
    assert "サンプルケーブル" in mail.subject
    assert "\n" not in mail.subject
    lines = mail.body.splitlines()
    assert lines[0] == lines[0].strip() != ""
    links = [line for line in lines if "://" in line]
    assert len(links) == LINKS[kind]
    assert all(re.fullmatch(r"https://my\.example\.jp/\S+", line) for line in links)
    assert "0120-000-000" in mail.body
    assert "9:00〜18:00" in mail.body
    assert "mypage@cable.example.jp" in mail.body
    assert "\n\n\n\n" not in mail.body
    assert mail.body.endswith("\n")
    assert not re.search(r"[{}<>]|&\w+;|None", mail.body)


@pytest.mark.parametrize("kind", [kind for kind in FACTS if kind not in (*TO_NOBODY, *TO_STAFF)])
def test_to_an_account_the_first_line_is_the_nickname(kind: str) -> None:
    assert _render(kind, "ja").body.splitlines()[0] == "たろう 様"
    assert _render(kind, "en").body.splitlines()[0] == "Dear たろう,"


def test_staff_are_called_by_their_name_and_told_what_was_done() -> None:
    mail = _render("staff_invitation")
    assert mail.body.splitlines()[0] == "佐藤 さん"
    assert "（役割：オペレーター）" in mail.body
    assert "a-mark" not in mail.body
    template = (ROOT / "templates/mail/staff_notice.txt").read_text(encoding="utf-8")
    for what in re.findall(r'^  "(\w+)": "', template, re.MULTILINE):
        assert "2026年11月24日（火）12時00分に、" in _render("staff_notice", what=what).body


def test_the_billing_staff_reads_what_happened_and_where_to_look() -> None:
    told = {
        "asked": ("公開の承認待ちのお知らせ", "佐藤 さんが、公開の承認を依頼しました。"),
        "asked_again": ("公開の承認が、もう一度必要です", "前の承認では公開しません。"),
        "to_ask": ("公開の承認の依頼が必要です", "公開の承認を依頼してください。"),
        "missed": ("予約より遅れて公開しました", "12分遅れて、2026年11月24日（火）12時00分に公開しました。"),
        "failed": ("予約した公開ができませんでした", "ファイルがありません。"),
        "taken_back": ("公開が取り消されました", "12時00分に、佐藤 さんが公開を取り消しました。"),
        "lapsed": ("公開の予約が取り消されました", "このままでは公開されません。"),
    }
    assert told.keys() == set(What)
    for what, (title, said) in told.items():
        mail = _render("staff_batch", what=what)
        assert mail.subject == f"料金データ：{title}（サンプルケーブル）"
        assert "料金データ：取込12、13（契約者、請求）" in mail.body
        assert said in mail.body
        assert "https://my.example.jp/staff/batches/12" in mail.body.splitlines()
    assert "承認されたらすぐ" in _render("staff_batch", due="").body
    assert "システムが、公開の承認を依頼しました。" in _render("staff_batch", by="").body
    assert "予約の日時" not in _render("staff_batch", what="failed", due="").body
    assert (
        "検査のあとに公開する予定は取り消されました。" in _render("staff_batch", what="lapsed", due="").body
    )


@pytest.mark.parametrize("kind", ["already_registered", "password_changed", "password_recovered"])
def test_when_it_happened_is_told_in_japans_time(kind: str) -> None:
    assert "2026年11月24日（火）12時00分に、" in _render(kind, "ja").body
    assert "At 12:00 on Tuesday, 24 November 2026 (Japan time)," in _render(kind, "en").body


def test_english_holds_no_japanese_but_the_operators_own_words() -> None:
    for kind in FACTS.keys() - set(TO_STAFF):
        body = _render(kind, "en", **({"nickname": "Taro"} if kind not in TO_NOBODY else {})).body
        ours = (
            body.replace("サンプルケーブル", "").replace("9:00〜18:00（年末年始を除く）", "").replace("■", "")
        )
        assert ours.isascii(), [letter for letter in ours if not letter.isascii()]


def test_plain_text_is_not_escaped_and_a_fact_stays_in_its_line() -> None:
    mail = _render("registered", "ja", nickname="A & B <c>\r\n\u2028http://evil.example/")
    assert mail.body.splitlines()[0] == "A & B <c> http://evil.example/ 様"
    mail = _render("login_ids", "ja", login_ids=["one", "two\nhttp://evil.example/"])
    assert "two http://evil.example/" in mail.body.splitlines()


def test_a_missing_fact_is_a_fault_and_not_a_gap() -> None:
    with pytest.raises(jinja2.UndefinedError):
        TEXTS.render("registered", "ja", {})


def test_a_language_that_we_do_not_write_is_japanese() -> None:
    assert _render("registered", "fr") == _render("registered", "ja")
