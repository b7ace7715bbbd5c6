"""A month of an operator as files: customers.csv and charges.csv, written once and kept.

Made to be no easier to read than a real month: all usual columns, numbers with gaps, customers with a second holder
(whose bills say no holder), companies billed without tax, extra bills, reduced and foreign taxes. Of the eight lines of
a bill six repeat on many bills; the calls and the energy differ nearly from bill to bill, and with them each total.
"""

import csv
import json
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Final, NamedTuple, TypeVar

from bench.place import fingerprint, place
from mypage.works.sample import names, tariffs
from mypage.works.sample.tariffs import Line, plain

FULL: Final = 1_000_000
QUICK: Final = 100_000
LINES_A_BILL: Final = 8
BILLING_MONTH: Final = 202610
# Bills that a check looks at line by line.
_SAMPLES: Final = 64
_FIRST_NUMBER, _STEP = 3_100_000_000, 7
_DUE: Final = "2026-10-27"
_USED, _CALLED = "202609", "202608"
_BUCKETS: Final = 64

CHARGE_COLUMNS: Final = (
    "お客様番号", "名義番号", "請求年月", "請求番号", "処理区分", "明細番号", "サービス", "項目名", "ご利用月", "数量",
    "単価", "金額", "税区分", "行区分", "金額区分", "請求金額合計", "お支払方法", "お支払期日", "支払状態", "消費税10%",
    "消費税8%",
)  # fmt: skip
_CUSTOMER_COLUMNS: Final = (
    "お客様番号", "名義番号", "名義開始日", "契約者名", "契約者名カナ", "契約者名カナ2", "電話番号", "電話番号2",
    "郵便番号", "住所", "請求先名", "請求先郵便番号", "請求先住所", "契約状態", "契約日", "解約日", "Web登録", "登録キー",
)  # fmt: skip
_UNTAXED_KINDS: Final = frozenset(("繰越", "前受金充当", "延滞利息", "返金", "消費税"))

Item = TypeVar("Item")


class Month(NamedTuple):
    """The files, and what must be found after they were loaded: yen in total, and some bills as rows of the file."""

    customers: Path
    charges: Path
    statements: int
    total: int
    sample: dict[str, list[list[str]]]

    @property
    def lines(self) -> int:
        """Rows of the charges file without its headings."""
        return self.statements * LINES_A_BILL


def month(statements: int) -> Month:
    """The files of a month with so many statements, a multiple of a hundred; written if they are not there yet."""
    folder = place() / f"month-{statements}"
    note = folder / "month.json"
    made_from = fingerprint(statements, source="month.py")
    try:
        kept = json.loads(note.read_text())
    except (OSError, ValueError):
        kept = {}
    if kept.get("made_from") != made_from:
        kept = {"made_from": made_from, **_write(folder, statements)}
        note.write_text(json.dumps(kept, ensure_ascii=False))
    return Month(folder / "customers.csv", folder / "charges.csv", statements, kept["total"], kept["sample"])


def shuffled(of: Month) -> Path:
    """The rows of the charges file in no order; written if it is not there yet."""
    path = of.charges.with_name("shuffled.csv")
    if path.exists():
        return path
    chance = Random(3)  # noqa: S311 - for a measurement
    buckets = [path.with_name(f"bucket-{number}") for number in range(_BUCKETS)]
    with of.charges.open("rb") as file:
        headings = file.readline()
        opened = [bucket.open("wb", 1 << 18) for bucket in buckets]
        for line in file:
            opened[int(chance.random() * _BUCKETS)].write(line)
        for each in opened:
            each.close()
    half = path.with_name("shuffled.part")
    with half.open("wb", 1 << 20) as file:
        file.write(headings)
        for bucket in buckets:
            lines = bucket.read_bytes().splitlines(keepends=True)
            chance.shuffle(lines)
            file.writelines(lines)
            bucket.unlink()
    half.replace(path)
    return path


def _write(folder: Path, statements: int) -> dict[str, object]:
    print(f"writing the files of {statements:,} statements once …", flush=True)
    begin = time.monotonic()
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_CUSTOMER_COLUMNS)
        rows.writerows(_customers(statements))
    total, sample = 0, {}
    spread = statements // _SAMPLES
    with (folder / "charges.csv").open("w", encoding="utf-8", newline="", buffering=1 << 20) as file:
        file.write(",".join(CHARGE_COLUMNS) + "\n")
        for place_, (yen, text) in enumerate(_bills(statements)):
            file.write(text)
            total += yen
            if place_ % spread == spread // 2:
                lines = [line.split(",") for line in text.splitlines()]
                sample[f"{lines[0][0]}/{lines[0][3]}"] = lines
    print(f"written in {time.monotonic() - begin:.0f} s", flush=True)
    return {"total": total, "sample": sample}


def _number(index: int) -> str:
    return str(_FIRST_NUMBER + _STEP * index)


def _customers(count: int) -> Iterator[tuple[object, ...]]:
    chance = Random(1)  # noqa: S311
    for index in range(count):
        began = date(2008, 4, 1) + timedelta(days=int(chance.random() * 6_400))
        holders = 2 if index % 50 == 7 else 1
        for holder_no in range(1, holders + 1):
            name, home = names.person(chance), names.address(chance)
            phone = names.fixed_phone(chance) if chance.random() < 0.6 else names.mobile_phone(chance)
            second = names.mobile_phone(chance) if chance.random() < 0.3 else ""
            since = date(2026, 1, 10) + timedelta(days=index % 150) if holder_no == 2 else None
            payer = names.person(chance).written if chance.random() < 0.05 else ""
            yield (
                _number(index), holder_no, since or "", name.written, name.kana, "", phone, second, home.postal_code,
                home.line, payer, home.postal_code if payer else "", home.line if payer else "",
                "契約中" if holder_no == holders else "解約済", since or began, "",
                "不可" if chance.random() < 0.001 else "可", "",
            )  # fmt: skip


def _bills(count: int) -> Iterator[tuple[int, str]]:
    """Yen and rows of each bill, in the order of the customer numbers. One customer in a hundred has none, one has two."""
    chance = Random(2)  # noqa: S311
    for index in range(count):
        bills = {37: 0, 38: 2}.get(index % 100, 1)
        for number in range(1, bills + 1):
            yield _bill(_number(index), number, chance)


def _bill(customer_number: str, number: int, chance: Random) -> tuple[int, str]:
    is_company = chance.random() < 0.03
    lines = _lines(is_company, chance)
    exact = taxed_10 = taxed_8 = 0
    for line in lines:
        exact += line.amount
        if line.kind not in _UNTAXED_KINDS:
            if line.tax_class == tariffs.STANDARD:
                taxed_10 += line.amount
            elif line.tax_class == tariffs.REDUCED:
                taxed_8 += line.amount
    if is_company:
        basis, tax_10, tax_8 = "税抜", taxed_10 // 1000, ""
        total = exact // 100 + tax_10
    else:
        basis, tax_10, tax_8 = "税込", taxed_10 // 1100, str(taxed_8 * 8 // 10800) if taxed_8 else ""
        total = exact // 100
    drawn = chance.random()
    method = "口座振替" if drawn < 0.6 else "クレジットカード" if drawn < 0.92 else "請求書"
    head = f"{customer_number},,{BILLING_MONTH},{number},通常,"
    tail = f",{basis},{total},{method},{_DUE},請求済,{tax_10},{tax_8}\n"
    return total, "".join([f"{head}{place_},{_row(line)}{tail}" for place_, line in enumerate(lines, 1)])


def _lines(is_company: bool, chance: Random) -> list[Line]:
    fixed = _fixed()
    internet, tv, phone = (_one(fixed[kind], chance) for kind in ("internet", "tv", "phone"))
    if chance.random() < 0.03:
        # Began or ended within the month.
        first = 1 + int(chance.random() * 29)
        internet = internet._replace(
            description=f"{internet.description}（日割 {first}日～30日）",
            amount=internet.amount * (31 - first) // 30 // 100 * 100,
        )
    # Calls to fixed lines by the call, to mobile ones by the second, from nothing to a whole evening abroad.
    calls = 880 * int(chance.lognormvariate(1.5, 1.0)) + 55 * int(chance.lognormvariate(6.5, 1.3)) + 55
    price = _one(_ENERGY_PRICES, chance)
    used = 10 + int(chance.lognormvariate(5.7, 0.5))
    return [
        internet,
        tv,
        phone,
        Line(tariffs.PHONE, "通話料", calls, quantity="", lag=2),
        fixed["universal"][0],
        Line(tariffs.ELECTRICITY, "電力量料金", used * price, quantity=str(used), unit_price=plain(price)),
        _one(fixed["companies' own" if is_company else "own"], chance),
        _one(fixed["discount"], chance),
    ]


_ENERGY_PRICES: Final = (29_80, 32_15, 36_40, 40_49)


@cache
def _fixed() -> dict[str, list[Line]]:
    """The lines that stand alike on many bills."""
    campaigns = [campaign.line for campaign in tariffs.CAMPAIGNS]
    of_companies = [tariffs.SUSPENSION_FEE, tariffs.PAPER_BILL_FEE, tariffs.VISIT_FEE, tariffs.LOST_REMOTE]
    own = [
        *of_companies, tariffs.INSURANCE, tariffs.BROADCASTER_FEE, tariffs.BROADCASTER_SATELLITE_FEE,
        *tariffs.WATER_LINES, tariffs.FILM,
        Line(tariffs.OTHER, "テレビ電話機 分割払い（24回）", 1_650_00, tariffs.OUT_OF_SCOPE, "分割"),
        Line(tariffs.INTERNET, "障害に伴う減額", -880_00, kind="過月調整"),
        Line("前月以前", "前月分ご請求額（振替不能分）", 8_980_00, tariffs.OUT_OF_SCOPE, "繰越"),
    ]  # fmt: skip
    return {
        "internet": [course.lines[0] for course in tariffs.INTERNET_COURSES],
        "tv": [course.lines[0] for course in tariffs.TV_COURSES],
        "phone": [line for course in tariffs.PHONE_COURSES for line in course.lines if line.amount > 10_00],
        "universal": [line for line in tariffs.PHONE_COURSES[0].lines if line.amount < 10_00],
        "own": own,
        "companies' own": of_companies,
        "discount": [*tariffs.BUNDLE_DISCOUNT.values(), tariffs.LOYALTY_DISCOUNT, *campaigns],
    }


def _one(of: Sequence[Item], chance: Random) -> Item:
    return of[int(chance.random() * len(of))]


def _row(line: Line) -> str:
    """The cells of a line. No text in them holds a comma or a quotation mark."""
    used = _USED if line.lag == 1 else _CALLED
    return (
        f"{line.service},{line.description},{used},{line.quantity},{line.unit_price},{plain(line.amount)},"
        f"{line.tax_class},{line.kind}"
    )
