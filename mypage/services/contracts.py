"""What a customer has with the operator, as the customer sees it (specification §4, ご契約内容)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from mypage.domain.masking import last_four, municipality
from mypage.store import contracts_shown, holders


@dataclass(frozen=True, slots=True)
class Contract:
    """One service. ``status`` is ``active``, ``suspended``, ``ended`` or the operator's own word; fee in yen."""

    number: str
    service: str
    course: str
    status: str
    started_on: date | None
    ended_on: date | None
    equipment: str | None
    monthly_fee: Decimal | None


@dataclass(frozen=True, slots=True)
class ContractsShown:
    """The customer and the contracts. Of phone and address no more than may be shown."""

    number: str
    name: str
    status: str
    contracted_on: date | None
    phone_end: str | None
    municipality: str | None
    contracts: tuple[Contract, ...]


def of_customer(connection: Connection, customer_key: str) -> ContractsShown | None:
    """The customer's contracts, those that run first; None where the master does not know the customer."""
    master = holders.of_key(connection, customer_key)
    if master is None:
        return None
    contracts = [_contract(stored) for stored in contracts_shown.contracts(connection, customer_key)]
    return ContractsShown(
        number=master["shown_number"],
        name=master["name"],
        status=master["status"],
        contracted_on=master["contracted_on"],
        phone_end=last_four(master["phone"]),
        municipality=municipality(master["address"]),
        contracts=tuple(sorted(contracts, key=lambda contract: contract.status == "ended")),
    )


def _contract(stored: dict[str, str | None]) -> Contract:
    return Contract(
        number=stored["contract_number"] or "",
        service=stored["service"] or "",
        course=stored["course"] or "",
        status=stored["status"] or "",
        started_on=_day(stored.get("started_on")),
        ended_on=_day(stored.get("ended_on")),
        equipment=stored.get("equipment"),
        monthly_fee=_yen(stored.get("monthly_fee")),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _yen(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
