"""The sample as files: customers.csv, contracts.csv, one charges-YYYY-MM.csv a month, and identities.json.

Everything of one customer is made and written before the next is looked at, into all files at once, so
memory holds one customer whatever their number.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import IO, NamedTuple

from mypage.works.sample import tariffs
from mypage.works.sample.households import Household, households
from mypage.works.sample.months import Period
from mypage.works.sample.statements import Statement, statements

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp932")
IDENTITIES = "identities.json"
_PART = ".part"
_ROLES = ("household", "company", "leading_zeros", "account")

_CUSTOMER_COLUMNS = (
    "お客様番号", "名義番号", "名義開始日", "契約者名", "契約者名カナ", "契約者名カナ2",
    "電話番号", "電話番号2", "郵便番号", "住所", "請求先名", "請求先郵便番号", "請求先住所", "契約状態",
    "契約日", "解約日", "Web登録", "登録キー",
)  # fmt: skip
_CONTRACT_COLUMNS = (
    "お客様番号", "名義番号", "契約番号", "サービス", "コース名", "状態", "開始日", "終了日", "機器", "月額",
)  # fmt: skip
_CHARGE_COLUMNS = (
    "お客様番号,名義番号,請求年月,請求番号,処理区分,明細番号,サービス,項目名,ご利用月,数量,単価,金額,税区分,行区分,"
    "金額区分,請求金額合計,お支払方法,お支払期日,支払状態,消費税10%,消費税8%\n"
)


class SampleRefused(Exception):
    """The folder holds files that this sample did not write; nothing was changed."""


class Identity(NamedTuple):
    """What a sample customer types to register."""

    role: str
    customer_number: str
    phone: str
    name_kana: str
    name: str
    registration_key: str


class Written(NamedTuple):
    """What was written: counts, and the deliveries in the order in which they are to be published."""

    customers: int
    statements: int
    lines: int
    deliveries: tuple[tuple[Path, ...], ...]
    identities: tuple[Identity, ...]


def period_of(until: tuple[int, int], months: int) -> Period:
    """*months* billing months of which ``until`` (year, month) is the last."""
    last = until[0] * 12 + until[1] - 1
    return Period(last - months + 1, last)


def write_sample(
    folder: Path,
    *,
    customers: int,
    months: int,
    seed: int,
    until: tuple[int, int],
    encoding: str = "utf-8",
    told: Callable[[int], None] = lambda count: None,
) -> Written:
    """Write the sample into *folder* (made if need be; an earlier sample there is replaced).

    ``told`` is called with the number of customers written since the last call, every thousand.

    Raises SampleRefused where *folder* holds anything else, and OSError as the disk has it.
    """
    _make_way(folder)
    period = period_of(until, months)
    names = {month: f"charges-{_month(month)}.csv" for month in range(period.first, period.last + 1)}
    # Not "-correction": "-" sorts before ".", and whoever publishes charges-*.csv in order needs it after.
    revised = f"charges-{_month(max(period.first, period.last - 1))}.revised.csv"
    count = revisions = lines = 0
    with ExitStack() as opened:
        customer_file = opened.enter_context(_table(folder / "customers.csv", encoding))
        contract_file = opened.enter_context(_table(folder / "contracts.csv", encoding))
        charge_files = {
            month: opened.enter_context(_table(folder / name, encoding)) for month, name in names.items()
        }
        revised_file = opened.enter_context(_table(folder / revised, encoding))
        customer_rows = csv.writer(customer_file, lineterminator="\n")
        contract_rows = csv.writer(contract_file, lineterminator="\n")
        customer_rows.writerow(_CUSTOMER_COLUMNS)
        contract_rows.writerow(_CONTRACT_COLUMNS)
        for file in (*charge_files.values(), revised_file):
            file.write(_CHARGE_COLUMNS)
        labels = {month: _month(month) for month in range(period.first - 4, period.last + 1)}
        for place, home in enumerate(households(customers, seed, period), start=1):
            customer_rows.writerows(_customer_rows(home))
            contract_rows.writerows(_contract_rows(home))
            for bill in statements(home, period):
                file = revised_file if bill.revised else charge_files[bill.month]
                file.write(_charge_rows(home.number, bill, labels))
                count += 1
                revisions += bill.revised
                lines += len(bill.lines)
            if place % 1000 == 0:
                told(1000)
        told(customers % 1000)
    known = identities(customers=customers, months=months, seed=seed, until=until)
    deliveries: tuple[tuple[str, ...], ...] = (
        ("customers.csv", "contracts.csv", *names.values()),
        (revised,),
    )
    if not revisions:
        deliveries = deliveries[:1]
        (folder / (revised + _PART)).unlink()
    _finish(folder, deliveries, known, until)
    return Written(
        customers=customers,
        statements=count,
        lines=lines,
        deliveries=tuple(tuple(folder / name for name in delivery) for delivery in deliveries),
        identities=known,
    )


def identities(*, customers: int, months: int, seed: int, until: tuple[int, int]) -> tuple[Identity, ...]:
    """Who of the sample can register: a household, a company, a number with zeros in front; and one more.

    The fourth, ``account``, has the richest bills and is meant for the account that stands ready.
    """
    period = period_of(until, months)
    return tuple(
        Identity(role, home.number, holder.phone, holder.kana, holder.name, holder.registration_key)
        for role, home in zip(_ROLES, households(min(customers, len(_ROLES)), seed, period), strict=False)
        for holder in home.holders[-1:]
    )


def _make_way(folder: Path) -> None:
    """Make the folder; a former sample's files go, so that no month of it stays among the new ones."""
    folder.mkdir(parents=True, exist_ok=True)
    ours = [
        path
        for pattern in ("customers.csv", "contracts.csv", "charges-*.csv", IDENTITIES, f"*{_PART}")
        for path in folder.glob(pattern)
    ]
    foreign = {path.name for path in folder.iterdir()} - {path.name for path in ours}
    # identities.json goes first and comes last: a folder with charges but without it was broken off
    # half-way (then .part files lie there) or is somebody's own.
    broken_off = any(path.suffix == _PART for path in ours)
    if foreign or (ours and not (folder / IDENTITIES).exists() and not broken_off):
        raise SampleRefused(str(folder))
    for path in sorted(ours, key=lambda path: path.suffix == _PART):
        if path.name != IDENTITIES:
            path.unlink()
    (folder / IDENTITIES).unlink(missing_ok=True)


@contextmanager
def _table(path: Path, encoding: str) -> Iterator[IO[str]]:
    """A text file under a temporary name: a half-written file never looks like a delivery."""
    newline = "\r\n" if encoding == "cp932" else "\n"
    with path.with_name(path.name + _PART).open(
        "w", encoding=encoding, newline=newline, buffering=1 << 18
    ) as file:
        yield file


def _finish(
    folder: Path, deliveries: tuple[tuple[str, ...], ...], known: tuple[Identity, ...], until: tuple[int, int]
) -> None:
    content = {
        "until": f"{until[0]:04d}-{until[1]:02d}",
        "identities": [identity._asdict() for identity in known if identity.role != "account"],
        "account": next((identity._asdict() for identity in known if identity.role == "account"), None),
        "deliveries": deliveries,
    }
    description = folder / (IDENTITIES + _PART)
    description.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for name in (name for delivery in deliveries for name in delivery):
        (folder / (name + _PART)).replace(folder / name)
    description.replace(folder / IDENTITIES)


def _month(ordinal: int) -> str:
    return f"{ordinal // 12:04d}-{ordinal % 12 + 1:02d}"


def _date(day: date | None) -> str:
    return day.isoformat() if day else ""


def _customer_rows(home: Household) -> Iterator[tuple[object, ...]]:
    for holder in home.holders:
        billing = holder.billing_address
        yield (
            home.number, holder.holder_no, _date(holder.since), holder.name, holder.kana, holder.kana2,
            holder.phone, holder.phone2, holder.address.postal_code, holder.address.line, holder.billing_name,
            billing.postal_code if billing else "", billing.line if billing else "", holder.status,
            _date(holder.contracted_on), _date(holder.ended_on), "可" if holder.on_web else "不可",
            holder.registration_key,
        )  # fmt: skip


def _contract_rows(home: Household) -> Iterator[tuple[object, ...]]:
    # The contract system is another one: it keeps numbers as numbers, without the zeros in front.
    number = home.number.lstrip("0")
    for contract in (*home.former, *home.subscriptions):
        course = contract.course
        yield (
            number, contract.holder_no, contract.number, course.service, course.name, contract.status,
            _date(contract.started_on), _date(contract.ended_on), course.equipment,
            tariffs.plain(course.monthly_fee),
        )  # fmt: skip


def _charge_rows(number: str, bill: Statement, labels: dict[int, str]) -> str:
    """The rows of one bill. No text in them holds a comma or a quote; the csv module costs thrice this."""
    month, plain = bill.month, tariffs.plain
    head = f"{number},{bill.holder_no or ''},{labels[month]},{bill.number},{bill.action},"
    tail = (
        f",{bill.basis},{bill.total},{bill.method},{_date(bill.due)},{bill.state},"
        f"{'' if bill.tax_10 is None else bill.tax_10},{'' if bill.tax_8 is None else bill.tax_8}\n"
    )
    rows = io.StringIO()
    for place, line in enumerate(bill.lines, start=1):
        service, description, amount, tax_class, kind, quantity, unit_price, lag = line
        rows.write(
            f"{head}{place},{service},{description},{labels[month - lag]},{quantity},{unit_price},"
            f"{plain(amount)},{tax_class},{kind}{tail}"
        )
    return rows.getvalue()
