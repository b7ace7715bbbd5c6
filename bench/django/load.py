"""Load rows of charges.csv with django-import-export, as fast as it goes; runs in an environment of its own.

``python load.py SOCKETS DATABASE FILE`` prints the seconds from opening the file until the last row is committed.
The table is there and empty. Not timed: the start of Python and of Django.
"""

import logging
import sys
import time
from pathlib import Path

import django
import tablib
from django.conf import settings
from django.db import models

sockets, database, file = sys.argv[1:]
settings.configure(
    INSTALLED_APPS=["import_export"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": sockets,
            "USER": "postgres",
            "NAME": database,
        }
    },
    IMPORT_EXPORT_USE_TRANSACTIONS=False,
    IMPORT_EXPORT_SKIP_ADMIN_LOG=True,
    USE_TZ=True,
)
django.setup()
logging.disable()

from import_export import resources  # noqa: E402 - Django must be set up first


class BillLine(models.Model):
    """The table of lines, as bench/publish.py makes it."""

    pk = models.CompositePrimaryKey("customer_number", "billing_month", "statement_number", "line_number")
    customer_number = models.TextField()
    holder_no = models.IntegerField(null=True)
    billing_month = models.IntegerField()
    statement_number = models.BigIntegerField()
    action = models.TextField(null=True)
    line_number = models.IntegerField()
    service = models.TextField(null=True)
    description = models.TextField()
    usage_month = models.IntegerField(null=True)
    quantity = models.DecimalField(max_digits=20, decimal_places=3, null=True)
    unit_price = models.DecimalField(max_digits=20, decimal_places=3, null=True)
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    tax_class = models.TextField()
    line_kind = models.TextField(null=True)
    amount_basis = models.TextField(null=True)
    total = models.BigIntegerField()
    payment_method = models.TextField(null=True)
    due_on = models.DateField(null=True)
    payment_state = models.TextField(null=True)
    tax_10 = models.BigIntegerField(null=True)
    tax_8 = models.BigIntegerField(null=True)

    class Meta:
        app_label = "bench"
        db_table = "bill_line"
        managed = False


# As they stand in the file.
COLUMNS = [field.name for field in BillLine._meta.concrete_fields]


class Lines(resources.ModelResource):
    """Bulk, no look-ups, no differences, nothing cleaned, nothing kept of the rows."""

    class Meta:
        model = BillLine
        fields = COLUMNS
        import_id_fields = ("customer_number", "billing_month", "statement_number", "line_number")
        use_bulk = True
        batch_size = 1_000
        force_init_instance = True
        skip_diff = True
        skip_html_diff = True
        skip_unchanged = False
        report_skipped = False
        clean_model_instances = False
        store_row_values = False
        store_instance = False
        use_transactions = False


begin = time.monotonic()
with Path(file).open(encoding="utf-8", newline="") as opened:
    rows = tablib.Dataset().load(opened, format="csv")
rows.headers = COLUMNS
Lines().import_data(rows, dry_run=False, raise_errors=True)
print(time.monotonic() - begin)
