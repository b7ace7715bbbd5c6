"""Check contracts.csv: rows → a spool in order of the customers → one set of contracts a customer."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from mypage.domain import batch, search_terms
from mypage.domain.contracts import ContractRows
from mypage.domain.customer_number import customer_key
from mypage.domain.row_error import RowError
from mypage.store import customers as store
from mypage.store.staging import escaped
from mypage.works.load.holders import Holders
from mypage.works.load.in_order import InOrder
from mypage.works.load.ready import Ready
from mypage.works.load.spool import Spool
from mypage.works.load.task import Task, line
from mypage.works.load.terms import Terms


def spool(task: Task, records: Iterable[list[str]], first_row: int, to: Spool) -> Iterator[int]:
    """Read all records into the spool; yields how many rows were read, every now and then."""
    reader = ContractRows(task.plan, task.fold, task.report.tell)
    for count, row in enumerate(reader.rows(records, first_row)):
        contract = escaped(
            json.dumps(row.contract, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        )
        shown = escaped(row.shown_number)
        to.add(line(row.number, f"{row.row:012}", str(row.holder_no), shown, contract))
        if not count % 1000:
            yield row.row


def settle(task: Task, lines: Iterator[bytes]) -> tuple[Ready, ...]:
    """Put the contracts of each customer together; a set that stands like this already is left out."""
    ready, terms = task.ready(), Terms(task)
    holders = Holders(task)

    def fetch(number: str, limit: int) -> Sequence[store.Version]:
        with task.database.reading() as connection:
            return store.contracts_from(connection, number, limit)

    published = InOrder(fetch)
    customers = contracts = unchanged = 0
    split = (text.decode().rstrip("\n").split("\t") for text in lines)
    for number, rows in groupby(split, key=lambda fields: fields[0]):
        known = {holder.holder_no for holder in holders.of(number)}
        standing = _standing(published.of(number))
        for key, contract_set in _sets(task, number, rows, known).items():
            customers += 1
            contracts += len(contract_set)
            if standing.get(key) == contract_set:
                unchanged += 1
                continue
            text = json.dumps(contract_set, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            ready.write(line(key, str(task.batch_id), escaped(text)))
            terms.add(key, search_terms.of_contracts(contract_set))
    task.counts.update(customers=customers, lines=contracts, unchanged=unchanged)
    return task.closed(ready, terms.ready())


def _sets(
    task: Task, number: str, rows: Iterable[list[str]], known: set[int]
) -> dict[str, list[dict[str, Any]]]:
    """The contracts of a number by customer key, in the order of the rows."""
    sets: dict[str, list[dict[str, Any]]] = {}
    seen: dict[tuple[str, str], str] = {}

    def tell(fields: Sequence[str], code: str, column: str, value: str, facts: dict[str, str]) -> None:
        heading = task.plan.heading(column)
        task.report.tell(RowError(code, int(fields[1]), heading, fields[3], value, facts))

    for fields in rows:
        holder_no = int(fields[2]) or max(known, default=0)
        if not known:
            tell(fields, "unknown_customer", "customer_number", fields[3], {})
            continue
        if holder_no not in known:
            tell(fields, "unknown_holder", "holder_no", fields[2], {})
            continue
        contract = json.loads(fields[4].replace("\\\\", "\\"))
        key = customer_key(number, holder_no)
        again = (key, contract["contract_number"])
        if again in seen:
            tell(
                fields, "contract_twice", "contract_number", contract["contract_number"], {"row": seen[again]}
            )
            continue
        seen[again] = str(int(fields[1]))
        sets.setdefault(key, []).append(contract)
    return sets


def _standing(rows: Sequence[store.Version]) -> dict[str, Any]:
    found = {}
    for key, versions in groupby(rows, key=lambda row: row.customer_key):
        several = list(versions)
        seen = batch.seen(several, {row.batch_id: row.pub_seq for row in several})
        if seen is not None:
            found[key] = seen.contracts
    return found
