"""Several workers, mails of several priorities, and clocks that jump: each mail goes out once, the urgent ones first."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from mypage.domain.mail import Priority
from mypage.store.engine import Database
from mypage.works.deliver import Round
from tests.mail import (
    Desk,
    database_of_its_own,
    enqueue_notice,
    mails_in,
    sign_up,
)
from tests.signing_up import trail
from tests.smtp_server import KeptMail, MailServer

HOUR = timedelta(hours=1)


@contextmanager
def _two_workers(database: Database, server: MailServer, folder: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two that a test lets go with :func:`_work_together`."""
    with database_of_its_own(database) as other:
        both = (Desk(database, server.url(), folder, "w1"), Desk(other, server.url(), folder, "w2"))
        yield both
        for desk in both:
            desk.close()


def _work_together(desks: tuple[Desk, ...]) -> None:
    begin = threading.Barrier(len(desks))

    def work(desk: Desk) -> None:
        begin.wait()
        desk.run()

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_workers_send_each_mail_once(database: Database, server: MailServer, tmp_path: Path) -> None:
    with _two_workers(database, server, tmp_path) as both:
        for number in range(40):
            enqueue_notice(database, both[0].clock.now(), recipient=f"a{number}@example.jp")
        _work_together(both)
    sent = Counter(mail.recipient for mail in server.mails)
    assert sent == {f"a{number}@example.jp": 1 for number in range(40)}
    assert {mail["state"] for mail in mails_in(database)} == {"handed_over"}
    assert len(trail(database)) == 40


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_sends_nothing_twice(
    database: Database, server: MailServer, tmp_path: Path, jump: timedelta
) -> None:
    """All leases are over at once, or none ends for an hour; but both workers live and keep what they have."""
    with _two_workers(database, server, tmp_path) as both:
        for number in range(40):
            enqueue_notice(database, both[0].clock.now() - HOUR, recipient=f"a{number}@example.jp")

        def jumps(_mail: KeptMail) -> None:
            if len(server.mails) in (7, 23):
                both[0].wait(jump)
            time.sleep(0.01)

        server.manners.before_250 = jumps
        _work_together(both)
        both[0].wait(2 * HOUR)
        _work_together(both)
    sent = Counter(mail.recipient for mail in server.mails)
    assert sent == {f"a{number}@example.jp": 1 for number in range(40)}
    assert {mail["state"] for mail in mails_in(database)} == {"handed_over"}


def test_two_workers_in_a_mailing_let_every_signup_go_first(
    database: Database, server: MailServer, tmp_path: Path
) -> None:
    with _two_workers(database, server, tmp_path) as both:
        now = both[0].clock.now()
        for number in range(60):
            enqueue_notice(database, now, recipient=f"a{number}@example.jp", priority=Priority.MASS)
        server.manners.thinks = 0.02
        registered_at = {}

        def somebody_registers(mail: KeptMail) -> None:
            if mail.recipient in ("a10@example.jp", "a30@example.jp"):
                name = f"for-{mail.recipient}"
                sign_up(database, both[0].clock.now(), name, recipient=name)
                registered_at[name] = len(server.mails)

        server.manners.before_250 = somebody_registers
        _work_together(both)
    order = [mail.recipient for mail in server.mails]
    assert len(order) == 62
    assert len(registered_at) == 2
    for name, at in registered_at.items():
        # Some three mails each in the time until they look, and the ones in the server's hands.
        assert order.index(name) - at <= 12


def test_a_signup_mail_waits_for_no_mass_mailing(desk: Desk, server: MailServer) -> None:
    now = desk.clock.now()
    for number in range(9):
        enqueue_notice(desk.database, now, recipient=f"a{number}@example.jp", priority=Priority.MASS)
    # Slower than the worker looks whether something goes before.
    server.manners.thinks = 0.06

    def somebody_registers(_mail: KeptMail) -> None:
        server.manners.before_250 = None
        sign_up(desk.database, desk.clock.now())

    server.manners.before_250 = somebody_registers
    desk.run()
    assert len(server.mails) == 10
    # Of the mails that were taken together only the one in the server's hands goes before it.
    assert [mail.recipient for mail in server.mails].index("tarou@docomo.ne.jp") == 1


def test_a_worker_that_is_asked_to_end_gives_back_what_it_took(desk: Desk, server: MailServer) -> None:
    for _ in range(5):
        enqueue_notice(desk.database, desk.clock.now())
    assert desk.delivery.round(stopping=lambda: len(server.mails) == 2) == Round(settled=2, more=True)
    assert len(server.mails) == 2
    assert [mail["leased_by"] for mail in mails_in(desk.database)] == [None] * 5


def test_a_round_that_takes_long_gives_back_the_rest(desk: Desk, server: MailServer) -> None:
    for _ in range(5):
        enqueue_notice(desk.database, desk.clock.now())

    def dawdle(_mail: KeptMail) -> None:
        desk.wait(timedelta(seconds=40))

    server.manners.before_250 = dawdle
    assert desk.delivery.round() == Round(settled=2, more=True)
    assert [mail["leased_by"] for mail in mails_in(desk.database)] == [None] * 5
