"""The preview of a checked batch on the terminal (specification §6): charges, and who its customers are."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from mypage.billing.opened import Opened
from mypage.domain.billing_month import BillingMonth
from mypage.domain.statement import TaxClass
from mypage.services import identity_changes, preview
from mypage.shown import identity_changes as shown_changes
from mypage.shown import statement, statement_text
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.words.filters import TOKYO, yen_ja
from mypage.words.sentences import sentence

_MISSING_TOLD: Final = 20
_CHANGES_TOLD: Final = 20


def lines(tools: Opened, batch: Batch) -> Iterator[str]:
    """What the batch would change; nothing for kinds without a preview."""
    yield from _identities(tools, batch)
    told: Mapping[str, Any] | None = batch.counts.get("preview")
    if told is None:
        return
    against, before = told["against"], told["before"]
    for month, sums in sorted(told["months"].items()):
        is_newest = before is not None and month == max(told["months"])
        yield f"  {_month(int(month))}"
        yield from _sums(sums, before if is_newest else None, against)
    if told["corrects"]:
        yield f"  公開中の明細を訂正するもの {told['corrects']:,}件"
    if told["missing"]:
        yield f"  {_month(against)}に請求があり、今回ないお客様 {told['missing']:,}件"
        shown = told["missing_first"][:_MISSING_TOLD]
        more = told["missing"] - len(shown)
        yield f"      {' '.join(shown)}" + (f" ほか{more:,}件" if more else "")
    if told["largest"]:
        yield "  変わり方の大きいお客様"
        for key, month, was, now in told["largest"]:
            yield f"      {key}  {_month(month)}  {yen_ja(was)} → {yen_ja(now)}（{now - was:+,}円）"
    yield from _samples(tools, batch, told["samples"])


def _identities(tools: Opened, batch: Batch) -> Iterator[str]:
    """By what customers are recognised, before and after: masked, for what stands on a terminal stands in its log, too."""
    customers = batch.counts.get("identity_changes", 0)
    with tools.database.reading() as connection:
        first = identity_changes.of_batch(connection, batch.id, limit=_CHANGES_TOLD) if customers else []
    if not first:
        return
    yield f"  お名前・電話番号・お客様番号が変わるお客様 {customers:,}件（会員登録のあるお客様には、公開するとメールでお知らせします）"
    for each in first:
        changes = "、".join(
            f"{line.label} {line.before} → {line.after}"
            for line in shown_changes.lines(each.changes, shows_all=False)
        )
        mark = "  会員登録あり" if each.has_account else ""
        yield f"      {each.row}行目  {shown_changes.number(each.customer_key)}  {changes}{mark}"
    if customers > len(first):
        yield f"      ほか{customers - len(first):,}件"


def _sums(sums: Mapping[str, Any], before: Mapping[str, Any] | None, against: int | None) -> Iterator[str]:
    def beside(now: int, was: int | None) -> str:
        return "" if was is None or against is None else f"（{_month(against)} {was:,} {now - was:+,}）"

    for label, name in (("明細", "statements"), ("お客様", "customers"), ("金額", "total")):
        unit = "円" if name == "total" else "件"
        was = before[name] if before is not None else None
        yield f"      {label} {sums[name]:,}{unit}{beside(sums[name], was)}"
    for method, (statements, yen) in sums["methods"].items():
        was = before["methods"].get(method, [0, 0])[1] if before is not None else None
        yield f"      {method or 'お支払方法なし'} {statements:,}件 {yen:,}円{beside(yen, was)}"
    for tax_class, amount in sums["taxes"].items():
        told = f"      {sentence(f'tax_{TaxClass(tax_class).value}', 'ja')} {yen_ja(Decimal(amount))}"
        if before is not None:
            told += f"（{_month(against)} {yen_ja(Decimal(before['taxes'].get(tax_class, '0')))}）"
        yield told


def _samples(tools: Opened, batch: Batch, samples: list[list[Any]]) -> Iterator[str]:
    """Some statements as their customers will see them."""
    settings, now = tools.settings, tools.clock.now()
    with tools.database.reading() as connection:
        delivery = store.of_delivery(connection, batch.delivery)
        as_if = preview.supposed(connection, delivery, now)
        for key, month in samples:
            seen = preview.sample(
                connection,
                key,
                BillingMonth.from_int(month),
                as_if=as_if,
                first_month=settings.first_month,
                length=settings.months_shown,
            )
            if seen is not None:
                shown = statement.month(
                    seen,
                    published_at=as_if.published_at,
                    result_days=settings.payment_result_days,
                    today=now.astimezone(TOKYO).date(),
                    language="ja",
                )
                yield f"  見本 お客様{key}"
                yield from (f"    {line}" for line in statement_text.lines(shown))


def _month(month: int | None) -> str:
    return "" if month is None else str(BillingMonth.from_int(month))
