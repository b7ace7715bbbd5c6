"""Handing over to a real mail server, in good days and bad."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import trustme

from mypage.adapters.mail_message import compose
from mypage.adapters.mail_text import MailText
from mypage.adapters.smtp import (
    Accepted,
    Conversation,
    Later,
    Outcome,
    Refused,
    Unknown,
    Unreachable,
)
from mypage.config.values import smtp_server
from tests.smtp_server import MailServer, silent_server

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

NOW = datetime(2026, 11, 24, 3, 0, 5, tzinfo=UTC)
TEXT = MailText(
    "仮登録受付完了のお知らせ（サンプルケーブル）", "お客様\n\nhttps://my.example.jp/x\n. 点で始まる行\n"
)


def _message(recipient: str = "tarou@example.jp", text: MailText = TEXT) -> bytes:
    return compose(
        text,
        language="ja",
        sender_name="サンプルケーブル",
        sender="mypage@example.jp",
        recipient=recipient,
        message_id="<abc@example.jp>",
        now=NOW,
    )


def _send(
    conversation: Conversation, recipient: str = "tarou@example.jp", sender: str = "bounces@example.jp"
) -> Outcome:
    return conversation.send(sender=sender, recipient=recipient, message=_message(recipient))


def _alone(url: str, recipient: str = "tarou@example.jp", patience: float = 5) -> Outcome:
    with Conversation(smtp_server(url), patience=patience, patience_at_end=patience) as conversation:
        return _send(conversation, recipient)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def test_the_mail_arrives_as_it_was_written(server: MailServer) -> None:
    assert _alone(server.url()) == Accepted("250 2.0.0 queued as 1")
    (mail,) = server.mails
    assert (mail.sender, mail.recipient) == ("bounces@example.jp", "tarou@example.jp")
    assert mail.message["From"] == "サンプルケーブル <mypage@example.jp>"
    assert mail.message["To"] == "tarou@example.jp"
    assert mail.message["Subject"] == TEXT.subject
    assert mail.message["Date"].datetime == NOW
    assert mail.message["Message-ID"] == "<abc@example.jp>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Content-Language"] == "ja"
    assert mail.message.get_content_type() == "text/plain"
    assert mail.message.get_content_charset() == "utf-8"
    assert mail.message["Content-Transfer-Encoding"] == "base64"
    assert mail.body == TEXT.body
    assert mail.content.isascii()
    assert max(len(line) for line in mail.content.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "address",
    [
        "a..b@docomo.ne.jp",
        "a..b.@docomo.ne.jp",
        ".tarou@docomo.ne.jp",
        "tarou.@ezweb.ne.jp",
        "-.-a..b-.@softbank.ne.jp",
        "a/b?c+d@t.vodafone.ne.jp",
    ],
)
def test_addresses_that_only_carriers_issue_go_out_as_they_are(server: MailServer, address: str) -> None:
    assert isinstance(_alone(server.url(), address), Accepted)
    assert server.mails[0].recipient == address
    assert server.mails[0].message.get_all("To") == [address]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.jp\r\nRCPT TO:<b@example.jp>",
        "a@example.jp>\n",
        "a,b@example.jp",
        "<a@example.jp>",
        '"a b"@example.jp',
        "あ@example.jp",
        "a@example",
        "",
    ],
)
def test_an_address_that_would_say_more_is_never_said(server: MailServer, address: str) -> None:
    with Conversation(smtp_server(server.url())) as conversation:
        outcome = conversation.send(sender="m@example.jp", recipient=address, message=b"x\r\n")
    assert isinstance(outcome, Refused)
    assert server.connections == 0


@pytest.mark.parametrize("what", ["sender_name", "recipient", "message_id"])
def test_no_header_can_begin_another(what: str) -> None:
    facts = {"sender_name": "x", "sender": "m@example.jp", "recipient": "a@example.jp", "message_id": "<a@b>"}
    with pytest.raises(ValueError, match=r"(?i)line|newline|CR|invalid"):
        compose(TEXT, language="ja", **{**facts, what: "x\r\nBcc: all@example.jp"}, now=NOW)  # type: ignore[arg-type]


def test_lines_that_begin_with_a_dot_stay_whole(server: MailServer) -> None:
    with Conversation(smtp_server(server.url())) as conversation:
        conversation.send(
            sender="m@example.jp", recipient="a@example.jp", message=b"X: y\r\n\r\n.\r\n..a\r\nb\r\n"
        )
    assert server.mails[0].content == b"X: y\r\n\r\n.\r\n..a\r\nb\r\n"


def test_one_conversation_serves_many_mails(server: MailServer) -> None:
    with Conversation(smtp_server(server.url())) as conversation:
        for number in range(5):
            assert isinstance(_send(conversation, f"a{number}@example.jp"), Accepted)
    assert server.connections == 1
    assert len(server.mails) == 5


def test_a_conversation_that_the_server_ended_meanwhile_is_begun_anew(server: MailServer) -> None:
    with Conversation(smtp_server(server.url())) as conversation:
        assert isinstance(_send(conversation), Accepted)
        server.hang_up()
        assert isinstance(_send(conversation), Accepted)
    assert server.connections == 2
    assert len(server.mails) == 2


@pytest.mark.parametrize(
    ("where", "reply", "kind"),
    [
        ("rcpt", "550 5.1.1 no such user", partial(Refused, of_recipient=True)),
        ("rcpt", "450 4.2.1 come again", Later),
        ("rcpt", "421 4.3.2 closing", Later),
        ("text", "554 5.7.1 not this text", Refused),
        ("text", "452 4.3.1 disk full", Later),
        # Our own sender or the whole conversation is not wanted: no mail is to blame.
        ("mail", "553 5.1.8 sender unknown", Unreachable),
        ("mail", "451 4.3.0 come again", Unreachable),
    ],
)
def test_what_the_server_says_is_told_apart(
    server: MailServer, where: str, reply: str, kind: Callable[[str], Outcome]
) -> None:
    setattr(server.manners, where, reply)
    assert _alone(server.url()) == kind(reply)
    assert server.mails == []


def test_the_mail_after_a_refused_one_goes_out(server: MailServer) -> None:
    with Conversation(smtp_server(server.url())) as conversation:
        server.manners.rcpt = "550 5.1.1 no such user"
        assert isinstance(_send(conversation), Refused)
        server.manners.rcpt = None
        assert isinstance(_send(conversation), Accepted)
    assert server.connections == 1


@pytest.mark.parametrize(
    ("where", "kind", "kept"),
    [
        ("mail", Unreachable, 0),
        ("rcpt", Later, 0),
        ("data", Later, 0),
        ("lost", Unknown, 0),
        ("kept", Unknown, 1),
    ],
)
def test_where_the_conversation_broke_off(
    server: MailServer, where: str, kind: type[Outcome], kept: int
) -> None:
    server.manners.breaks_off = where
    with Conversation(smtp_server(server.url())) as conversation:
        assert isinstance(_send(conversation), kind)
        assert len(server.mails) == kept
        server.manners.breaks_off = None
        assert isinstance(_send(conversation), Accepted)


def test_a_server_that_thinks_too_long_may_have_taken_the_mail(server: MailServer) -> None:
    server.manners.thinks = 1
    assert isinstance(_alone(server.url(), patience=0.3), Unknown)


def test_a_server_that_says_nothing_is_left() -> None:
    with silent_server() as port:
        assert isinstance(_alone(f"smtp://127.0.0.1:{port}", patience=0.3), Unreachable)


def test_a_server_that_answers_each_question_late_is_left_before_it_has_the_mail(server: MailServer) -> None:
    server.manners.hangs = "mail"
    relief = threading.Timer(0.3, lambda: setattr(server.manners, "hangs", None))
    relief.start()
    with Conversation(smtp_server(server.url()), patience=5, longest_beginning=0.2) as conversation:
        outcome = _send(conversation)
        assert outcome == Later("TimeoutError: the server took too long to begin")
        # The next one is the server's to take again.
        assert isinstance(_send(conversation), Accepted)
    relief.join()
    assert len(server.mails) == 1


def test_an_answer_is_kept_legible(server: MailServer) -> None:
    server.manners.rcpt = "550 5.1.1 no\x00such\x1b[31m user \x7f" + "x" * 400
    outcome = _alone(server.url())
    assert isinstance(outcome, Refused)
    assert outcome.reply.startswith("550 5.1.1 no such [31m user x")
    assert len(outcome.reply) == 300


@pytest.mark.parametrize("reply", ["250", "252 2.0.0 will try"])
def test_any_yes_to_the_whole_mail_is_one(server: MailServer, reply: str) -> None:
    server.manners.text = reply
    assert isinstance(_alone(server.url()), Accepted)


def test_what_is_done_meanwhile_is_done_once_the_whole_mail_was_said(server: MailServer) -> None:
    came: list[int] = []
    server.manners.before_250 = lambda _mail: time.sleep(0.1)
    with Conversation(smtp_server(server.url())) as conversation:
        for _ in range(2):
            conversation.send(
                sender="m@example.jp",
                recipient="a@example.jp",
                message=b"X: y\r\n\r\n",
                meanwhile=lambda: came.append(len(server.mails)),
            )
        server.manners.rcpt = "550 no"
        conversation.send(
            sender="m@example.jp", recipient="a@example.jp", message=b"", meanwhile=lambda: came.append(9)
        )
    assert len(came) == 2
    assert 9 not in came


def test_no_server_at_all(server: MailServer) -> None:
    server.stop()
    assert isinstance(_alone(server.url()), Unreachable)


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _certificate(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _trust(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator does whose mail server has a certificate of the company's own authority."""
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_over_tls_with_a_login(
    scheme: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _trust(authority, tmp_path, monkeypatch)
    context = _certificate(authority)
    with MailServer(
        login=("mypage", "pass:word/1"),
        tls=context if scheme == "smtps" else None,
        starttls=context if scheme == "smtp+starttls" else None,
    ) as server:
        url = server.url(scheme, login="mypage:pass%3Aword%2F1", host="127.0.0.1")
        assert isinstance(_alone(url), Accepted)
        assert len(server.mails) == 1
        assert _alone(server.url(scheme, login="mypage:wrong", host="127.0.0.1")) == Unreachable(
            "535 5.7.8 Authentication credentials invalid"
        )


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_of_nobody_we_know_is_not_talked_to(scheme: str, authority: trustme.CA) -> None:
    context = _certificate(authority)
    with MailServer(
        tls=context if scheme == "smtps" else None, starttls=context if scheme == "smtp+starttls" else None
    ) as server:
        outcome = _alone(server.url(scheme, host="127.0.0.1"))
        assert isinstance(outcome, Unreachable)
        assert "CERTIFICATE_VERIFY_FAILED" in outcome.reply
        assert server.mails == []


def test_a_certificate_of_another_name_is_not_talked_to(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _trust(authority, tmp_path, monkeypatch)
    with MailServer(tls=_certificate(authority, "mail.example.jp")) as server:
        assert isinstance(_alone(server.url("smtps", host="127.0.0.1")), Unreachable)


def test_starttls_is_never_given_up_for_plain_text(server: MailServer) -> None:
    assert isinstance(_alone(server.url("smtp+starttls")), Unreachable)
    assert server.mails == []


def test_a_login_without_tls_where_the_operator_says_so() -> None:
    with MailServer(login=("mypage", "secret")) as server:
        assert isinstance(_alone(server.url(login="mypage:secret")), Accepted)
        assert isinstance(_alone(server.url()), Unreachable)
