"""The sample operator's files: the same bytes for the same seed, right totals, and everything that occurs in life."""

import csv
import itertools
import json
import os
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mypage.works.sample.files import SampleRefused, Written, write_sample

UNTIL = (2026, 11)
Row = dict[str, str]
Bill = list[Row]
UNTAXED = {"繰越", "前受金充当", "延滞利息", "返金", "消費税"}
SMALL_KANA = set("ァィゥェォッャュョヮ")


def _write(folder: Path, **changes: object) -> Written:
    arguments: dict[str, object] = {"customers": 300, "months": 16, "seed": 1, "until": UNTIL, **changes}
    return write_sample(folder, **arguments)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return _write(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def folder(written: Written) -> Path:
    return written.deliveries[0][0].parent


def _rows(path: Path, encoding: str = "utf-8") -> list[Row]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def customers(folder: Path) -> list[Row]:
    return _rows(folder / "customers.csv")


@pytest.fixture(scope="module")
def contracts(folder: Path) -> list[Row]:
    return _rows(folder / "contracts.csv")


def _bills(paths: list[Path]) -> Iterator[Bill]:
    for path in paths:
        bills: dict[tuple[str, str, str], Bill] = defaultdict(list)
        for row in _rows(path):
            bills[row["お客様番号"], row["請求年月"], row["請求番号"]].append(row)
        yield from bills.values()


@pytest.fixture(scope="module")
def bills(written: Written) -> list[Bill]:
    return list(_bills([path for path in written.deliveries[0] if path.name.startswith("charges-")]))


@pytest.fixture(scope="module")
def revised(written: Written) -> list[Bill]:
    return list(_bills(list(written.deliveries[1])))


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_same_seed_same_bytes(folder: Path, tmp_path: Path) -> None:
    _write(tmp_path / "again")
    assert _content(tmp_path / "again") == _content(folder)


def test_another_seed_is_another_town(folder: Path, tmp_path: Path) -> None:
    _write(tmp_path, seed=2)
    others, ours = _content(tmp_path), _content(folder)
    assert others.keys() == ours.keys()
    assert all(others[name] != ours[name] for name in ours)


def test_more_customers_leave_the_first_ones_as_they_are(customers: list[Row], tmp_path: Path) -> None:
    _write(tmp_path, customers=40)
    fewer = _rows(tmp_path / "customers.csv")
    assert fewer == customers[: len(fewer)]


def test_months_end_with_the_one_asked_for(written: Written) -> None:
    names = [path.name for path in written.deliveries[0]]
    assert names[:2] == ["customers.csv", "contracts.csv"]
    assert (names[2], names[-1], len(names)) == ("charges-2025-08.csv", "charges-2026-11.csv", 18)


def test_counts_are_those_of_the_files(written: Written, bills: list[Bill], revised: list[Bill]) -> None:
    assert written.statements == len(bills) + len(revised)
    assert written.lines == sum(len(bill) for bill in bills + revised)


@pytest.mark.parametrize("seed", [1, 7])
def test_totals_follow_the_rule_of_the_format(seed: int, tmp_path: Path) -> None:
    """Specification "formats": 税込 the sum of the lines; 税抜 and the taxes, unless 消費税 lines stand among them."""
    made = _write(tmp_path, seed=seed)
    checked = list(
        _bills([path for files in made.deliveries for path in files if path.name.startswith("ch")])
    )
    assert len(checked) == made.statements
    for bill in checked:
        if bill[0]["処理区分"]:
            continue
        expected = sum((Decimal(row["金額"]) for row in bill), Decimal())
        if bill[0]["金額区分"] == "税抜" and not any(row["行区分"] == "消費税" for row in bill):
            expected += Decimal(bill[0]["消費税10%"] or 0) + Decimal(bill[0]["消費税8%"] or 0)
        assert abs(expected - Decimal(bill[0]["請求金額合計"])) < 1, bill


def test_taxes_are_those_of_the_sums_of_their_rates(bills: list[Bill]) -> None:
    for bill in bills:
        for tax_class, column, rate in (("10", "消費税10%", 10), ("軽減8", "消費税8%", 8)):
            lines = [row for row in bill if row["税区分"] == tax_class and row["行区分"] not in UNTAXED]
            taxed = sum((Decimal(row["金額"]) for row in lines), Decimal())
            divisor = 100 if bill[0]["金額区分"] == "税抜" else 100 + rate
            assert abs(taxed * rate / divisor - Decimal(bill[0][column] or 0)) < 1, bill


def test_what_belongs_to_the_bill_is_the_same_on_all_its_rows(bills: list[Bill]) -> None:
    for bill in bills:
        for column in (
            "名義番号",
            "金額区分",
            "請求金額合計",
            "お支払方法",
            "お支払期日",
            "支払状態",
            "消費税10%",
            "消費税8%",
        ):
            assert len({row[column] for row in bill}) == 1
        assert [row["明細番号"] for row in bill] == [str(place + 1) for place in range(len(bill))]


def test_quantity_times_price_is_the_amount(bills: list[Bill], revised: list[Bill]) -> None:
    priced = [row for bill in bills + revised for row in bill if row["単価"]]
    assert len({row["項目名"] for row in priced}) > 8
    for row in priced:
        exact = Decimal(row["数量"]) * Decimal(row["単価"])
        assert abs(exact - Decimal(row["金額"])) < 1, row


def _some(bills: list[Bill], holds: Callable[[Row], bool]) -> int:
    return sum(any(holds(row) for row in bill) for bill in bills)


def test_bundles(contracts: list[Row]) -> None:
    services: dict[str, set[str]] = defaultdict(set)
    for row in contracts:
        if row["状態"] == "契約中":
            services[row["お客様番号"]].add(row["サービス"])
    assert {len(found) for found in services.values()} == {1, 2, 3, 4}
    assert set().union(*services.values()) == {"インターネット", "テレビ", "電話", "電気"}
    assert {row["状態"] for row in contracts} == {"契約中", "休止中", "解約済"}


def test_a_campaign_ends_and_explains_the_increase(bills: list[Bill]) -> None:
    ends = 0
    by_customer: dict[str, dict[str, Bill]] = defaultdict(dict)
    for bill in bills:
        if bill[0]["請求番号"] == "1":
            by_customer[bill[0]["お客様番号"]][bill[0]["請求年月"]] = bill
    for months in by_customer.values():
        ordered = [months[month] for month in sorted(months)]
        for before, after in itertools.pairwise(ordered):
            campaign = [row for row in before if "か月間）" in row["項目名"]]
            if campaign and not any("か月間）" in row["項目名"] for row in after):
                assert Decimal(campaign[0]["金額"]) < 0
                fixed_before = {row["項目名"]: row["金額"] for row in before if row["数量"] == "1"}
                fixed_after = {row["項目名"]: row["金額"] for row in after if row["数量"] == "1"}
                assert set(fixed_before) - set(fixed_after) >= {campaign[0]["項目名"]}
                ends += 1
    assert ends >= 3


def test_pro_rated_first_months(bills: list[Bill], contracts: list[Row]) -> None:
    started = {(row["お客様番号"], row["開始日"][:7]) for row in contracts}
    pro_rated = [bill for bill in bills if "日割" in bill[0]["項目名"]]
    first = [
        bill for bill in pro_rated if (bill[0]["お客様番号"].lstrip("0"), bill[0]["ご利用月"]) in started
    ]
    assert len(first) >= 3
    assert len(pro_rated) > len(first), "the last month of those who left is pro-rated too"


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("税区分", {"10", "軽減8", "非課税", "不課税", "立替"}),
        ("行区分", {"料金", "消費税", "過月調整", "繰越", "前受金充当", "分割", "延滞利息", "返金"}),
        ("金額区分", {"税込", "税抜"}),
        ("お支払方法", {"口座振替", "クレジットカード", "請求書"}),
        ("支払状態", {"請求済", "支払済", "一部入金", "未確認", "振替不能", "返金済", ""}),
    ],
)
def test_every_word_of_a_column_occurs(bills: list[Bill], column: str, expected: set[str]) -> None:
    assert {row[column] for bill in bills for row in bill} == expected


def test_lines_of_a_few_yen_and_of_other_companies(bills: list[Bill]) -> None:
    universal = [row for bill in bills for row in bill if row["項目名"] == "ユニバーサルサービス料"]
    assert {row["金額"] for row in universal} == {"2.2", "6"}
    assert _some(bills, lambda row: row["税区分"] == "立替" and row["サービス"].startswith("NHK"))


def test_the_month_of_use_differs_from_the_billing_month_by_one_two_or_three(bills: list[Bill]) -> None:
    def count(month: str) -> int:
        return int(month[:4]) * 12 + int(month[5:])

    apart = {count(row["請求年月"]) - count(row["ご利用月"]) for bill in bills for row in bill}
    assert apart == {1, 2, 3}


def test_several_bills_in_a_month_and_totals_of_zero_and_below(bills: list[Bill]) -> None:
    assert _some(bills, lambda row: row["請求番号"] == "2") >= 3
    totals = [int(bill[0]["請求金額合計"]) for bill in bills]
    assert 0 in totals
    assert min(totals) < 0
    for bill in bills:
        if int(bill[0]["請求金額合計"]) <= 0:
            assert bill[0]["お支払期日"] == ""


def test_due_dates_are_business_days(bills: list[Bill]) -> None:
    due = {(bill[0]["お支払方法"], bill[0]["お支払期日"]) for bill in bills if bill[0]["お支払期日"]}
    days = {date.fromisoformat(day) for _, day in due}
    assert all(day.weekday() < 5 for day in days)
    debits = {date.fromisoformat(day) for method, day in due if method == "口座振替"}
    assert {day.day for day in debits} > {27}
    assert date(2026, 6, 29) in debits, "27 June 2026 is a Saturday"


def test_corrections_replace_bills_that_were_delivered(bills: list[Bill], revised: list[Bill]) -> None:
    def key(bill: Bill) -> tuple[str, str, str]:
        return bill[0]["お客様番号"], bill[0]["請求年月"], bill[0]["請求番号"]

    delivered = {key(bill): bill for bill in bills}
    assert revised
    assert all(key(bill) in delivered for bill in revised)
    corrected = [bill for bill in revised if not bill[0]["処理区分"]]
    withdrawn = [bill for bill in revised if bill[0]["処理区分"] == "取消"]
    assert corrected
    assert withdrawn
    assert all(bill[0]["請求金額合計"] != delivered[key(bill)][0]["請求金額合計"] for bill in corrected)


def test_files_sorted_by_name_are_in_the_order_of_publishing(written: Written) -> None:
    charges = [path.name for files in written.deliveries for path in files if path.name.startswith("charges")]
    assert sorted(charges).index("charges-2026-10.revised.csv") > sorted(charges).index("charges-2026-10.csv")


def test_companies_and_bills_that_go_elsewhere(customers: list[Row]) -> None:
    companies = [row for row in customers if "社" in row["契約者名"]]
    assert {"カ", "ユ", "ド"} >= {
        row["契約者名カナ"].strip("（）")[0 if "）" in row["契約者名カナ"] else -1] for row in companies
    }
    assert all(row["請求先名"].startswith(row["契約者名"]) and row["請求先住所"] for row in companies)
    assert any(row["請求先名"] and row not in companies for row in customers)


def test_a_change_of_holder(customers: list[Row], contracts: list[Row], bills: list[Bill]) -> None:
    second = [row for row in customers if row["名義番号"] == "2"]
    assert second
    for row in second:
        number, since = row["お客様番号"], row["名義開始日"]
        (first,) = [one for one in customers if one["お客様番号"] == number and one["名義番号"] == "1"]
        assert first["解約日"] < since
        assert first["契約者名カナ"] != row["契約者名カナ"]
        for bill in bills:
            if bill[0]["お客様番号"] == number:
                used = min(line["ご利用月"] for line in bill if line["項目名"].endswith("月額利用料"))
                assert bill[0]["名義番号"] == ("2" if used >= since[:7] else "1")
        assert {one["名義番号"] for one in contracts if one["お客様番号"] == number.lstrip("0")} == {"1", "2"}


def test_the_customer_master_has_every_state_and_every_flaw(customers: list[Row]) -> None:
    assert {row["契約状態"] for row in customers} == {"契約中", "休止中", "解約済"}
    assert {row["Web登録"] for row in customers} == {"可", "不可"}
    assert any(row["電話番号"] == "0000000000" for row in customers)
    assert any("-" in row["電話番号"] for row in customers)
    assert any(row["電話番号"].isdigit() and len(row["電話番号"]) == 11 for row in customers)
    assert any(not row["電話番号"].startswith("0") for row in customers), "a spreadsheet took its zero"
    assert any(row["電話番号2"] for row in customers)
    assert any(row["契約者名カナ2"] for row in customers)
    assert any("ｱ" <= row["契約者名カナ"][0] <= "ﾝ" for row in customers)
    assert any(row["契約者名カナ"] == row["契約者名"] for row in customers), "kanji where kana belongs"
    assert any(row["契約日"] > "2026-11-30" for row in customers)
    assert all(
        not SMALL_KANA & set(row["契約者名カナ"]) for row in customers if "ｱ" <= row["契約者名カナ"][0] <= "ﾝ"
    )


def test_numbers_with_zeros_in_front_are_the_same_customer_elsewhere(
    customers: list[Row], contracts: list[Row], bills: list[Bill]
) -> None:
    printed = {row["お客様番号"] for row in customers}
    assert any(number.startswith("0") for number in printed)
    folded = {number.lstrip("0") for number in printed}
    assert len(folded) == len(printed)
    assert {row["お客様番号"] for row in contracts} <= folded
    assert {bill[0]["お客様番号"] for bill in bills} <= printed


def test_nobody_can_be_rung_up_or_written_to(customers: list[Row]) -> None:
    for row in customers:
        digits = "0" + row["電話番号"].replace("-", "").removeprefix("0")
        assert digits[:5] in {"07480", "07481", "00000"} or digits[:4] in {"0900", "0700"}, row
        assert row["郵便番号"].startswith("000-")


def test_who_can_register(written: Written, customers: list[Row], bills: list[Bill], folder: Path) -> None:
    known = json.loads((folder / "identities.json").read_text(encoding="utf-8"))
    assert [one["role"] for one in known["identities"]] == ["household", "company", "leading_zeros"]
    assert [one._asdict() for one in written.identities] == [*known["identities"], known["account"]]
    for one in written.identities:
        (row,) = [row for row in customers if row["お客様番号"] == one.customer_number]
        assert (row["電話番号"], row["契約者名カナ"], row["契約者名"]) == (one.phone, one.name_kana, one.name)
        assert (row["契約状態"], row["Web登録"]) == ("契約中", "可")
        own = {bill[0]["請求年月"] for bill in bills if bill[0]["お客様番号"] == one.customer_number}
        assert len(own) == 16
    assert written.identities[2].customer_number.startswith("00")
    assert known["deliveries"] == [[path.name for path in files] for files in written.deliveries]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig", "utf-16"])
def test_other_encodings_say_the_same(encoding: str, folder: Path, tmp_path: Path) -> None:
    _write(tmp_path, encoding=encoding)
    for path in sorted(folder.glob("*.csv")):
        other = (tmp_path / path.name).read_bytes()
        lines = other.decode(encoding)
        if encoding == "cp932":
            assert lines.count("\r\n") == lines.count("\n") > 0
        assert lines.replace("\r\n", "\n") == path.read_text(encoding="utf-8")


def test_letters_that_only_nec_and_ibm_have(tmp_path: Path) -> None:
    _write(tmp_path, customers=600, encoding="cp932")
    text = (tmp_path / "customers.csv").read_bytes()
    assert any(letter in text.decode("cp932") for letter in "髙﨑")


@pytest.mark.parametrize(("customers", "months"), [(1, 1), (2, 3), (100, 1), (100, 2), (50, 40)])
def test_small_samples_have_right_files_too(customers: int, months: int, tmp_path: Path) -> None:
    made = _write(tmp_path, customers=customers, months=months)
    assert len(made.deliveries[0]) == 2 + months
    assert {path.name for files in made.deliveries for path in files} == {
        path.name for path in tmp_path.glob("*.csv")
    }
    for files in made.deliveries[1:]:
        assert len(_rows(files[0])) > 0


def test_memory_is_flat(tmp_path: Path) -> None:
    """Twenty times the customers must not take a megabyte more; each in a process of its own."""
    small, large = _peak_kib(tmp_path / "small", 250), _peak_kib(tmp_path / "large", 5000)
    assert large - small < 4096


def _peak_kib(folder: Path, customers: int) -> int:
    code = (
        "import resource, sys; from pathlib import Path; from mypage.works.sample.files import write_sample;"
        f"write_sample(Path(sys.argv[1]), customers={customers}, months=4, seed=1, until=(2026, 11));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_shorter_sample_leaves_no_month_of_the_longer_one(tmp_path: Path) -> None:
    _write(tmp_path, customers=20, months=5)
    _write(tmp_path, customers=20, months=2)
    assert [path.name for path in sorted(tmp_path.glob("charges-????-??.csv"))] == [
        "charges-2026-10.csv",
        "charges-2026-11.csv",
    ]


@pytest.mark.parametrize("name", ["notes.txt", "charges-2026-10.csv"])
def test_somebody_elses_files_are_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(SampleRefused):
        _write(tmp_path, customers=3)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_the_last_month_is_the_current_one_in_tokyo(tmp_path: Path) -> None:
    """The clock file moves the clock to the last minutes of a UTC month, when Japan has the next one."""
    moment = datetime(2031, 4, 30, 15, 30, tzinfo=UTC)
    (tmp_path / "clock").write_text(str(int((moment - datetime.now(UTC)) / timedelta(seconds=1))))
    command = [sys.executable, "-c", "from mypage.cli import main; main()", "sample", str(tmp_path / "out")]
    environment = {**os.environ, "MYPAGE_CLOCK_FILE": str(tmp_path / "clock")}
    done = subprocess.run(
        [*command, "--customers", "4", "--months", "2"], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "charges-2031-05.csv").exists()
    assert str(tmp_path / "out" / "charges-2031-04.csv") in done.stdout


def test_a_full_disk_leaves_nothing_that_looks_like_a_delivery(tmp_path: Path) -> None:
    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    command = [sys.executable, "-c", "from mypage.cli import main; main()", "sample", str(tmp_path / "out")]
    arguments = ["--customers", "3000", "--until", "2026-11"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    full = subprocess.run(
        [*command, *arguments], preexec_fn=small_disk, capture_output=True, text=True, env=environment
    )
    assert full.returncode == 1
    assert "空き容量" in full.stderr
    assert not list((tmp_path / "out").glob("*.csv"))
    again = subprocess.run([*command, *arguments, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(again.stdout)["customers"] == 3000
    assert not list((tmp_path / "out").glob("*.part"))


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_our_own_door_takes_it_without_an_error(encoding: str, engine_url: str, tmp_path: Path) -> None:
    made = _write(tmp_path / "sample", encoding=encoding)
    environment = {
        **os.environ,
        "MYPAGE_DATABASE_URL": engine_url,
        "MYPAGE_SECRET_KEYS": "a-key-of-this-test-that-opens-nothing-else",
    }
    found: list[dict[str, Any]] = []
    for files in made.deliveries:
        done = subprocess.run(
            [sys.executable, "-m", "mypage", "batch", "publish", "--json", *map(str, files)],
            capture_output=True,
            text=True,
            env=environment,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        found += json.loads(done.stdout)["batches"]
    assert [batch["errors"] for batch in found] == [0] * 19
    assert {batch["state"] for batch in found} == {"published"}
    assert sum(batch["statements"] for batch in found) == made.statements
    assert sum(batch["lines"] for batch in found if batch["kind"] == "charges") == made.lines
    warned = {batch["kind"]: batch["warnings"] for batch in found if batch["warnings"]}
    assert set(warned) == {"customers"}, "only the unreadable names and telephones"
