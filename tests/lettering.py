"""Somebody who signed up while letters are asked for, and the operator who posts those letters.

sign_up(database, now)                            # at the level of services; the password is bills.PASSWORD
rows = post_letters(database, folder, now)        # as `mypage letters export` does; rows by customer number
rows["0012345678"]["確認コード"]
"""

import csv
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from pathlib import Path

from mypage.services.activation import Activated
from mypage.store.engine import Database
from mypage.works.letters import Letters, Refused, Written
from tests.bills import password_hash
from tests.builders import TAROU
from tests.signing_up import Person, settings

LETTER = {"signup_proof": "letter"}
LOGIN_ID = "tarou-2026"
_files = count(1)


def sign_up(
    database: Database, now: datetime, *, customer_key: str = "12345678", proof: str = "letter", **typed: str
) -> str:
    """Sign up to the end, under ``proof``; the account's id."""
    person = Person(database, browser=f"browser of {customer_key}", chosen=settings(signup_proof=proof))
    claimed = {name: typed.pop(name) for name in list(typed) if name in (*TAROU, "registration_key")}
    person.prove(now, **claimed)
    person.fill(now, password_hash=password_hash(), **{"login_id": LOGIN_ID, **typed})
    person.register(now)
    done = person.activate(person.token(customer_key, signed_at=now), now)
    assert isinstance(done, Activated), done
    return done.account_id


def export(database: Database, file: Path, now: datetime, *again: int, **changed: str) -> Written | Refused:
    """``mypage letters export FILE``."""
    letters = Letters(settings(**{**LETTER, **changed}), database, actor="cli", now=now)
    return letters.export_again(file, again) if again else letters.export(file)


def post_letters(
    database: Database, folder: Path, now: datetime, **changed: str
) -> Mapping[str, Mapping[str, str]]:
    """Export what waits; the rows of the file by customer number."""
    file = folder / f"letters-{next(_files)}.csv"
    assert isinstance(export(database, file, now, **changed), Written)
    return {row["お客様番号"]: row for row in rows_of(file)}


def rows_of(file: Path) -> list[Mapping[str, str]]:
    """The rows of a file of letters."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))
