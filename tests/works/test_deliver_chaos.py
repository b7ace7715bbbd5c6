"""Many mails, two workers, and a mail server that fails in every way at random: nothing is lost."""

import random
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

from mypage.store.engine import Database
from tests.mail import Desk, database_of_its_own, enqueue_notice, mails_in
from tests.smtp_server import MailServer

MAILS = 60
FAULTS = ("450 at rcpt", "451 at the end", "rcpt", "data", "lost", "kept", None, None, None)


def test_nothing_is_lost_and_only_what_broke_off_after_the_server_took_it_comes_twice(
    database: Database, tmp_path: Path
) -> None:
    seed = random.randrange(1_000_000)  # noqa: S311 - told when it fails
    chance = random.Random(seed)  # noqa: S311 - faults, not secrets

    with MailServer() as server, database_of_its_own(database) as other:
        manners = server.manners

        def another_fault(recipient: str) -> str | None:
            fault = chance.choice(FAULTS)
            manners.text = "451 4.3.0 come again" if fault == "451 at the end" else None
            manners.breaks_off = fault if fault in ("data", "lost", "kept") else None
            return "450 4.2.1 come again" if fault in ("450 at rcpt", "rcpt") else None

        manners.by_recipient = another_fault
        desks = [
            Desk(opened, server.url(), tmp_path, worker)
            for opened, worker in ((database, "w1"), (other, "w2"))
        ]
        wanted = {f"a{number}@example.jp" for number in range(MAILS)}
        for recipient in sorted(wanted):
            enqueue_notice(database, desks[0].clock.now(), recipient=recipient)

        def work(desk: Desk) -> None:
            while desk.delivery.round().more:
                pass

        for _ in range(30):
            threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if {mail["state"] for mail in mails_in(database)} == {"handed_over"}:
                break
            desks[0].wait(timedelta(minutes=11))

    came = Counter(mail.recipient for mail in server.mails)
    assert came.keys() == wanted, f"seed {seed}"
    assert {mail["state"] for mail in mails_in(database)} == {"handed_over"}, f"seed {seed}"
    assert came - Counter(wanted) == Counter(server.kept_and_broken_off), f"seed {seed}"
