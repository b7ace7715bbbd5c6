"""``publish-vs-pgloader``: the time of pgloader (Debian's package) for the same file ÷ ours."""

import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from bench import publish
from bench.figures import Figure
from bench.month import FULL, QUICK, Month, month
from bench.postgres import Postgres, postgres

_ROUNDS: Final = 3
_COLUMNS: Final = (
    "customer_number", "holder_no", "billing_month", "statement_number", "action", "line_number", "service",
    "description", "usage_month", "quantity", "unit_price", "amount", "tax_class", "line_kind", "amount_basis", "total",
    "payment_method", "due_on", "payment_state", "tax_10", "tax_8",
)  # fmt: skip
_COMMAND: Final = """
LOAD CSV FROM '{file}' WITH ENCODING UTF-8 ({fields})
    INTO postgresql://postgres@unix:{sockets}:5432/{database}
    TARGET TABLE bill_line ({columns})
    WITH skip header = 1, fields terminated by ',', fields optionally enclosed by '"', fields escaped by double-quote;
"""


def publish_vs_pgloader(quick: bool, rounds: int | None) -> Figure:
    """The median of the rounds; each loads the file with pgloader and then with ours."""
    assert shutil.which("pgloader"), "No pgloader: install it (Debian: apt-get install pgloader)."
    of = month(QUICK if quick else FULL)
    ratios = []
    with postgres(durable=True) as server:
        for number in range(rounds or (1 if quick else _ROUNDS)):
            theirs = _load(server, of)
            ran = publish.ours(server, of)
            ratios.append(theirs / ran.seconds)
            print(f"round {number + 1}: {theirs:.1f} s of pgloader ÷ {ran} = {ratios[-1]:.3f}", flush=True)
    return Figure(statistics.median(ratios), 7, least=True)


def _load(server: Postgres, of: Month) -> float:
    """Seconds from start to end of the program."""
    with publish.empty_lines(server, of.lines) as database, tempfile.TemporaryDirectory() as folder:
        command = Path(folder) / "month.load"
        command.write_text(
            _COMMAND.format(
                file=of.charges,
                fields=", ".join(f"{column} [null if blanks]" for column in _COLUMNS),
                sockets=server.sockets,
                database=database,
                columns=", ".join(_COLUMNS),
            )
        )
        publish.warm(of.charges)
        server.settle()
        begin = time.monotonic()
        done = subprocess.run(
            ["pgloader", "--quiet", "--root-dir", folder, command],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.monotonic() - begin
        assert done.returncode == 0, f"pgloader ended with {done.returncode}: {done.stdout}{done.stderr}"
    return seconds
