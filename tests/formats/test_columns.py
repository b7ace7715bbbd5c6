"""Every column of every kind of file as the tables of the formats have it: heading, alias, required or not; as bytes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from mypage.domain.batch import Kind
from mypage.services.publication import TakenBack
from mypage.store import staging
from mypage.store.batches import Batch
from mypage.store.engine import Database
from tests.delivering import Delivering, charge, charges, customer, customers, table


class Column(NamedTuple):
    """As the specification writes it, with a value. ``empty`` is what an empty cell is told as, None where it may be."""

    heading: str
    alias: str
    value: str
    empty: str | None = None


TABLES: dict[Kind, Sequence[Column]] = {
    Kind.CUSTOMERS: (
        Column("お客様番号", "customer_number", "0070099", "empty"),
        Column("名義番号", "holder_no", "2"),
        Column("名義開始日", "holder_since", "2026-04-01"),
        Column("契約者名", "name", "髙﨑　太郎", "empty"),
        # These two are required as columns; a row without them loads, and cannot register.
        Column("契約者名カナ", "name_kana", "タカサキ　タロウ", "kana_empty"),
        Column("契約者名カナ2", "name_kana2", "マエ　タロウ"),
        Column("電話番号", "phone", "0748-62-1234", "phone_empty"),
        Column("電話番号2", "phone2", "090-1111-2222"),
        Column("郵便番号", "postal_code", "528-0031"),
        Column("住所", "address", "滋賀県甲賀市"),
        Column("請求先名", "billing_name", "経理部"),
        Column("請求先郵便番号", "billing_postal_code", "100-0001"),
        Column("請求先住所", "billing_address", "東京都"),
        Column("契約状態", "status", "休止中", "empty"),
        Column("契約日", "contracted_on", "2019-04-01"),
        Column("解約日", "ended_on", "2027-03-31"),
        Column("Web登録", "web_registration", "不可"),
        Column("登録キー", "registration_key", "DX6W5WQK"),
    ),
    Kind.CONTRACTS: (
        Column("お客様番号", "customer_number", "70012", "empty"),
        Column("名義番号", "holder_no", "1"),
        Column("契約番号", "contract_number", "K-1", "empty"),
        Column("サービス", "service", "電気", "empty"),
        Column("コース名", "course", "従量 30A", "empty"),
        Column("状態", "status", "契約中", "empty"),
        Column("開始日", "started_on", "2026-04-01"),
        Column("終了日", "ended_on", "2026-12-31"),
        Column("機器", "equipment", "ONU"),
        Column("月額", "monthly_fee", "1234.5"),
    ),
    Kind.CHARGES: (
        Column("お客様番号", "customer_number", "70012", "empty"),
        Column("名義番号", "holder_no", "1"),
        Column("請求年月", "billing_month", "2026-11", "empty"),
        Column("請求番号", "statement_number", "2"),
        Column("処理区分", "action", "通常"),
        Column("明細番号", "line_number", "3", "empty"),
        Column("サービス", "service", "ネット"),
        Column("項目名", "description", "月額利用料", "empty"),
        Column("ご利用月", "usage_month", "2026-09"),
        Column("数量", "quantity", "2"),
        Column("単価", "unit_price", "550"),
        Column("金額", "amount", "1100", "empty"),
        Column("金額区分", "amount_basis", "税込"),
        Column("行区分", "line_kind", "分割"),
        Column("税区分", "tax_class", "10", "empty"),
        Column("請求金額合計", "total", "1100", "empty"),
        Column("お支払方法", "payment_method", "口座振替"),
        Column("お支払期日", "due_on", "2026-11-27"),
        Column("支払状態", "payment_state", "請求済"),
        Column("消費税10%", "tax_10", "100"),
        Column("消費税8%", "tax_8", "0"),
    ),
    Kind.PAYMENTS: (
        Column("お客様番号", "customer_number", "70012", "empty"),
        Column("名義番号", "holder_no", "1"),
        Column("請求年月", "billing_month", "2026-10", "empty"),
        Column("請求番号", "statement_number", "1"),
        Column("支払状態", "payment_state", "一部入金", "empty"),
        Column("入金日", "paid_on", "2026-11-05"),
        Column("入金額", "paid_amount", "300"),
        Column("再振替日", "retry_on", "2026-11-10"),
    ),
    Kind.NUMBER_CHANGES: (
        Column("旧お客様番号", "old_number", "70012", "empty"),
        Column("新お客様番号", "new_number", "80012", "empty"),
        Column("区分", "kind", "変更", "empty"),
        Column("異動日", "changed_on", "2026-11-01", "empty"),
    ),
}
# 税率 is understood for 税区分.
RATE = {"税区分": "税率", "tax_class": "tax_rate"}


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    operator = Delivering(database, tmp_path)
    operator.publish(
        customers=customers(customer("70012"), customer("80012")),
        charges=charges(charge("70012", amount="1000", total="1000")),
    )
    return operator


def in_japanese(columns: Sequence[Column]) -> bytes:
    headings, values = [each.heading for each in columns], [each.value for each in columns]
    return table(headings, values).decode().encode("cp932")


def in_english(columns: Sequence[Column]) -> bytes:
    """The same from right to left."""
    other_way = list(reversed(columns))
    return table([each.alias for each in other_way], [each.value for each in other_way])


def stored(delivering: Delivering, batch: Batch) -> list[tuple[object, ...]]:
    """What a batch keeps, all of it but its own number."""
    found = staging.TABLES[batch.kind][0]
    columns = ", ".join(column.name for column in found.columns if column.name != "batch_id")
    return delivering.rows(f"SELECT {columns} FROM {found.name} WHERE batch_id = {batch.id} ORDER BY 1, 2")  # noqa: S608


def kinds() -> Iterator[tuple[Kind, Sequence[Column]]]:
    yield from TABLES.items()


def test_every_column_goes_by_its_heading_and_by_its_alias(delivering: Delivering) -> None:
    for kind, columns in kinds():
        kept = []
        for content in (in_japanese(columns), in_english(columns)):
            (batch,) = delivering.publish(file=content)
            assert batch.kind is kind
            assert "column_unknown" not in [error.code for error in delivering.errors(batch)]
            kept.append(stored(delivering, batch))
            assert isinstance(delivering.take_back(batch), TakenBack)
        assert kept[0] == kept[1] != []
    for name, other in RATE.items():
        content = in_english(TABLES[Kind.CHARGES]) if name.isascii() else in_japanese(TABLES[Kind.CHARGES])
        encoded = "utf-8" if name.isascii() else "cp932"
        assert delivering.check(file=content.replace(name.encode(encoded), other.encode(encoded))).is_well


def test_each_required_column_is_missed_by_its_name(delivering: Delivering) -> None:
    for _, columns in kinds():
        for missing in columns:
            if missing.empty is not None:
                outcome = delivering.check(
                    file=in_japanese([each for each in columns if each is not missing])
                )
                assert delivering.codes(outcome) == [("column_missing", 1, "")]
                assert outcome.refused_files[0].error.facts["columns"] == missing.heading


def test_each_required_cell_is_told_where_it_is_empty(delivering: Delivering) -> None:
    for _, columns in kinds():
        for column in columns:
            emptied = [each._replace(value="") if each is column else each for each in columns]
            outcome = delivering.check(file=in_japanese(emptied))
            if column.empty is not None:
                assert (column.empty, 2, column.heading) in delivering.codes(outcome)
            assert outcome.is_well is (column.empty != "empty"), column


def test_what_is_not_required_may_be_missing_or_empty(delivering: Delivering) -> None:
    for kind, columns in kinds():
        optional = [each for each in columns if each.empty is None]
        for several in (optional, *([each] for each in optional)):
            missing = [each for each in columns if each not in several]
            emptied = [each._replace(value="") if each in several else each for each in columns]
            for content in (in_japanese(missing), in_japanese(emptied)):
                outcome = delivering.check(file=content)
                assert outcome.is_well, (several, delivering.codes(outcome))
                assert outcome.batches[0].kind is kind
                assert delivering.codes(outcome) == [], several
