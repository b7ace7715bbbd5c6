"""What a tester of the API knows beforehand: which batches and uploads there are, and how a piece of a file looks."""

import os
import re
from typing import Any

import schemathesis

_ID = re.compile(r"[0-9a-f]{32}")
_BATCHES = int(os.environ.get("TRIED_BATCHES", "1"))
_FILE = os.environ.get("TRIED_FILE", "")


@schemathesis.hook
def map_path_parameters(_context: Any, path_parameters: Any) -> Any:
    """Numbers that are too large for any batch of the test become one that there is, or just is not; odd ones stay."""
    if isinstance(path_parameters, dict):
        batch_id = path_parameters.get("batch_id")
        if type(batch_id) is int and 0 < batch_id < 2**31:
            path_parameters["batch_id"] = batch_id % (_BATCHES + 1) + 1
        file_id = path_parameters.get("file_id")
        if isinstance(file_id, str) and _ID.fullmatch(file_id) and file_id[-1] in "02468ace":
            path_parameters["file_id"] = _FILE
    return path_parameters


@schemathesis.serializer("application/offset+octet-stream")
def piece_of_file(_context: Any, value: Any) -> bytes:
    """Bytes as they are."""
    return bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode("utf-8", "replace")
