"""A mail as bytes: what the standard library would have made of it, and quicker."""

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from mypage.adapters.mail_message import compose
from mypage.adapters.mail_text import MailText

NOW = datetime(2026, 11, 24, 3, 0, 5, 999_999, tzinfo=UTC)
FACTS = {
    "language": "ja",
    "sender_name": "サンプルケーブル",
    "sender": "mypage@example.jp",
    "recipient": "tarou@example.jp",
    "message_id": "<abc@example.jp>",
    "now": NOW,
}


TEXT = MailText("件名", "本文\n")


def _composed(text: MailText = TEXT, **changed: object) -> bytes:
    return compose(text, **{**FACTS, **changed})  # type: ignore[arg-type]


def _read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


@pytest.mark.parametrize(
    "subject",
    [
        "Your registration (Sample Cable)",
        "本登録完了のお知らせ（サンプルケーブル）",
        "仮登録受付完了のお知らせ" * 12,
        "A subject that goes on and on," + " and on" * 30,
    ],
)
def test_the_subject_is_read_as_it_was_written(subject: str) -> None:
    content = _composed(MailText(subject, "x\n"))
    assert _read(content)["Subject"] == subject
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "body", ["一行\n", "line\n" * 100, "https://my.example.jp/" + "x" * 500 + "\n", ".\n..\n"]
)
def test_the_text_is_read_as_it_was_written(body: str) -> None:
    content = _composed(MailText("x", body))
    message = _read(content)
    assert message.get_content().replace("\r\n", "\n") == body
    assert not message.defects
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "name",
    ["Sample Cable, Inc.", 'The "Best"', "サンプル（株）", "株式会社サンプルケーブルネットワーク東日本"],
)
def test_the_operator_s_name_stands_before_the_address(name: str) -> None:
    written = email.message_from_bytes(_composed(sender_name=name))["From"]
    shown, address = parseaddr(str(make_header(decode_header(written.replace("\r\n", "")))))
    assert (shown, address) == (name, "mypage@example.jp")


def test_it_says_when_it_was_sent_to_the_second_in_japan() -> None:
    assert b"\r\nDate: Tue, 24 Nov 2026 12:00:05 +0900\r\n" in _composed()


def test_the_library_makes_the_same_headers_of_it() -> None:
    message = EmailMessage(policy=email.policy.SMTP)
    message.set_content("本文\n", charset="utf-8", cte="base64")
    ours = _read(_composed())
    for name in ("Content-Type", "Content-Transfer-Encoding", "MIME-Version"):
        assert ours[name] == message[name]


@pytest.mark.parametrize("what", ["sender_name", "recipient", "message_id", "language"])
@pytest.mark.parametrize("broken", ["x\r\nBcc: all@example.jp", "x\nBcc: all@example.jp", "x\rBcc: a@b.jp"])
def test_no_header_can_begin_another(what: str, broken: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)line|newline|CR|invalid"):
        _composed(MailText("x", "x\n"), **{what: broken})


def test_a_subject_cannot_begin_a_header_either() -> None:
    with pytest.raises(ValueError, match=r"(?i)line"):
        _composed(MailText("x\r\nBcc: all@example.jp", "x\n"))
