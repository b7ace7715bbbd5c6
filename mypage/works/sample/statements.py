"""The sample's bills: what stands on them month by month, their totals, taxes, due dates and states."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from mypage.works.sample import tariffs
from mypage.works.sample.households import DEBIT, PAPER, Household
from mypage.works.sample.months import Period, days_in, first_day, ordinal
from mypage.works.sample.stories import Story
from mypage.works.sample.tariffs import Line

INCLUSIVE, EXCLUSIVE = "税込", "税抜"
WITHDRAWN = "取消"
_UNTAXED_KINDS = {"繰越", "前受金充当", "延滞利息", "返金", "消費税"}


class Statement(NamedTuple):
    """One bill. *month* is an ordinal; *total* whole yen; *tax_10* and *tax_8* whole yen or None."""

    holder_no: int | None
    month: int
    number: int
    action: str
    lines: list[Line]
    basis: str
    total: int
    method: str
    due: date | None
    state: str
    tax_10: int | None
    tax_8: int | None
    revised: bool


def statements(home: Household, period: Period) -> Iterator[Statement]:
    """All bills of a household, oldest first, each revised one after the one that it replaces."""
    carried = 0
    first_use, last_use = ordinal(home.began), ordinal(home.last_used) if home.last_used else None
    for month in range(period.first, period.last + 1):
        use = month - 1
        if use < first_use or (last_use is not None and use > last_use):
            continue
        lines = _lines(home, use, period)
        if carried:
            interest = carried * 12 // 100_000 * 100 + 100
            lines += (
                Line("前月以前", "前月分ご請求額（振替不能分）", carried, tariffs.OUT_OF_SCOPE, "繰越"),
                Line("前月以前", "延滞利息", interest, tariffs.OUT_OF_SCOPE, "延滞利息"),
            )
            carried = 0
        bill = _statement(home, month, 1, lines, period)
        if bill.state == "振替不能":
            carried = bill.total * 100
        yield bill
        if Story.CORRECTED in home.stories and month == _revised_month(period):
            yield _statement(home, month, 1, _corrected(lines), period)._replace(revised=True)
        if _has_extra_bill(home, month, period):
            extra = _statement(home, month, 2, _extra_lines(home), period, PAPER)
            yield extra
            if Story.WITHDRAWN in home.stories and month == _revised_month(period):
                yield extra._replace(action=WITHDRAWN, lines=extra.lines[:1], revised=True)


def _revised_month(period: Period) -> int:
    """The month whose bills are corrected afterwards: the last but one, where there is one."""
    return max(period.first, period.last - 1)


def _has_extra_bill(home: Household, month: int, period: Period) -> bool:
    if Story.EXTRA_BILL in home.stories:
        return (period.last - month) % 4 == 0
    return Story.WITHDRAWN in home.stories and month == _revised_month(period)


def _lines(home: Household, use: int, period: Period) -> list[Line]:
    """The lines for what was used in the month *use*."""
    if home.suspended_from is not None and use >= home.suspended_from:
        return [tariffs.SUSPENSION_FEE]
    days = _days_used(home, use)
    lines: list[Line] = []
    for subscription in home.subscriptions:
        course = subscription.course
        if days is None:
            lines.extend(course.lines)
        else:
            lines.extend(_pro_rated(line, days, days_in(use)) for line in course.lines)
        if course.service == tariffs.PHONE:
            lines.extend(_calls(home))
        elif course.service == tariffs.ELECTRICITY:
            lines.extend(_energy(home, use))
        elif course.service == tariffs.TV and home.chance.random() < 0.04:
            lines.append(tariffs.FILM)
    lines.extend(_options(home, use, days is None, period))
    if Story.REFUNDED in home.stories and home.last_used and use == ordinal(home.last_used):
        lines.append(tariffs.REMOVAL_FEE)
        lines.append(Line(tariffs.OTHER, "年払い前納分のご返金", -38_500_00, tariffs.OUT_OF_SCOPE, "返金"))
    if Story.PREPAID in home.stories:
        paid = sum(line.amount for line in lines) // 100 * 100
        lines.append(Line(tariffs.OTHER, "前受金充当（年払い）", -paid, tariffs.OUT_OF_SCOPE, "前受金充当"))
    return lines


def _options(home: Household, use: int, whole_month: bool, period: Period) -> Iterator[Line]:
    """Options, discounts and what is collected for others."""
    stories = home.stories
    if Story.WATER in stories:
        yield from tariffs.WATER_LINES
    if home.insured:
        yield tariffs.INSURANCE
    if home.payment_method == PAPER and not home.is_company:
        yield tariffs.PAPER_BILL_FEE
    if not home.is_company and whole_month:
        if len(home.subscriptions) > 1:
            yield tariffs.BUNDLE_DISCOUNT[len(home.subscriptions)]
        if home.loyal:
            yield tariffs.LOYALTY_DISCOUNT
    if home.campaign and whole_month and use < ordinal(home.began) + home.campaign.months:
        yield home.campaign.line
    if Story.ADJUSTED in stories and use == period.last - 2:
        outage = f"{(use - 2) % 12 + 1}月分 障害に伴う減額"
        yield Line(home.subscriptions[0].course.service, outage, -880_00, kind="過月調整", lag=3)
    if Story.INSTALMENTS in stories:
        yield Line(tariffs.OTHER, "テレビ電話機 分割払い（24回）", 1_650_00, tariffs.OUT_OF_SCOPE, "分割")
    if home.broadcaster:
        yield tariffs.BROADCASTER_FEE if home.broadcaster == 1 else tariffs.BROADCASTER_SATELLITE_FEE
        yield tariffs.BROADCASTER_DISCOUNT


def _days_used(home: Household, use: int) -> tuple[int, int] | None:
    """First and last day of a month that was not used whole; None for a whole one."""
    first, last = 1, days_in(use)
    if ordinal(home.began) == use:
        first = home.began.day
    if home.last_used and ordinal(home.last_used) == use:
        last = home.last_used.day
    return None if (first, last) == (1, days_in(use)) else (first, last)


def _pro_rated(line: Line, days: tuple[int, int], of_days: int) -> Line:
    if line.amount < 10_00:  # the fees of a few yen a number are never divided
        return line
    first, last = days
    part = line.amount * (last - first + 1) // of_days // 100 * 100
    return line._replace(description=f"{line.description}（日割 {first}日～{last}日）", amount=part)


def _calls(home: Household) -> Iterator[Line]:
    if not home.calls:
        return
    price = tariffs.BUSINESS_CALL_PRICE if home.is_company else tariffs.CALL_PRICE
    calls = max(1, int(home.calls * (0.5 + home.chance.random())))
    yield Line(tariffs.PHONE, "通話料（固定電話あて）", calls * price, quantity=str(calls),
               unit_price=tariffs.plain(price), lag=2)  # fmt: skip
    if home.calls >= 8:
        minutes = 3 * calls
        price = tariffs.MOBILE_SECOND_PRICE * 32
        yield Line(tariffs.PHONE, "通話料（携帯電話あて）", minutes * price, quantity=str(minutes),
                   unit_price=tariffs.plain(price), lag=2)  # fmt: skip


def _energy(home: Household, use: int) -> Iterator[Line]:
    used = home.kilowatt_hours * tariffs.SEASON[use % 12] * home.chance.randint(92, 108) // 10_000
    rest = used
    for size, price, description in tariffs.ENERGY_STEPS:
        step = min(rest, size)
        if step:
            yield Line(tariffs.ELECTRICITY, description, step * price, quantity=str(step),
                       unit_price=tariffs.plain(price))  # fmt: skip
        rest -= step
    fuel = -120 - use % 5 * 85
    yield Line(tariffs.ELECTRICITY, "燃料費調整額", used * fuel, quantity=str(used),
               unit_price=tariffs.plain(fuel))  # fmt: skip
    levy = used * tariffs.RENEWABLE_LEVY // 100 * 100
    yield Line(tariffs.ELECTRICITY, "再エネ発電賦課金", levy, quantity=str(used),
               unit_price=tariffs.plain(tariffs.RENEWABLE_LEVY))  # fmt: skip


def _corrected(lines: list[Line]) -> list[Line]:
    """The same bill after the meters were read again: a tenth less of what is counted."""
    counted = ("電力量料金", "通話料")
    return [_counted_again(line) if line.description.startswith(counted) else line for line in lines]


def _counted_again(line: Line) -> Line:
    counted = int(line.quantity)
    quantity = counted * 9 // 10
    return line._replace(quantity=str(quantity), amount=line.amount // counted * quantity)


def _extra_lines(home: Household) -> list[Line]:
    if home.chance.random() < 0.5:
        return [tariffs.VISIT_FEE]
    return [tariffs.VISIT_FEE, tariffs.LOST_REMOTE]


def _statement(
    home: Household, month: int, number: int, lines: list[Line], period: Period, method: str | None = None
) -> Statement:
    taxed_10 = taxed_8 = total = 0
    for line in lines:
        total += line.amount
        if line.kind not in _UNTAXED_KINDS:
            if line.tax_class == tariffs.STANDARD:
                taxed_10 += line.amount
            elif line.tax_class == tariffs.REDUCED:
                taxed_8 += line.amount
    basis, tax_8 = INCLUSIVE, None
    if home.is_company:
        basis, tax_10 = EXCLUSIVE, taxed_10 // 1000
        total += tax_10 * 100
        if Story.COMPANY_WITH_TAX_LINES in home.stories:
            lines = [*lines, Line("消費税", "消費税（10％）", tax_10 * 100, kind="消費税")]
    else:
        tax_10 = taxed_10 // 1100
        tax_8 = taxed_8 * 8 // 10800 if taxed_8 else None
    yen = total // 100
    method = method or home.payment_method
    return Statement(
        holder_no=_holder_no(home, month - 1),
        month=month,
        number=number,
        action="",
        lines=lines,
        basis=basis,
        total=yen,
        method=method,
        due=_due(method, month) if yen > 0 else None,
        state=_state(home, month, yen, period) if number == 1 else _settled(month, period),
        tax_10=tax_10,
        tax_8=tax_8,
        revised=False,
    )


def _holder_no(home: Household, use: int) -> int | None:
    """Written only where a number has had several holders, as core systems do."""
    if len(home.holders) == 1:
        return None
    since = home.holders[-1].since
    return home.holders[-1].holder_no if since and use >= ordinal(since) else home.holders[0].holder_no


def _settled(month: int, period: Period) -> str:
    return "請求済" if month == period.last else "支払済"


def _state(home: Household, month: int, total: int, period: Period) -> str:
    if total == 0:
        return ""
    if total < 0:
        return "請求済" if month == period.last else "返金済"
    ago, stories = period.last - month, home.stories
    if ago == 2 and Story.DEBIT_FAILED in stories:
        return "振替不能"
    if ago == 1 and Story.UNCONFIRMED in stories:
        return "未確認"
    if ago == 1 and Story.PARTLY_PAID in stories:
        return "一部入金"
    return _settled(month, period)


def _due(method: str, month: int) -> date | None:
    """Debits on the 27th, paper bills at the end of the month, both moved to a Monday; cards have no date."""
    if method == DEBIT:
        day = first_day(month).replace(day=27)
    elif method == PAPER:
        day = first_day(month).replace(day=days_in(month))
    else:
        return None
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)
