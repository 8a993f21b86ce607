"""Parquet files, a batch of a row group at a time.

Lists of structures (``turns: list<struct<speaker, text>>``) and lists written as JSON text both serve as turns. A Parquet
file that was compressed once more with gzip has to be unpacked in memory and is refused above a limit.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from insights.domain import Reading, SetAside
from insights.readers.opening import TooLargeError, opened, refused, whole
from insights.readers.options import ReadOptions
from insights.readers.plan import plan_for, shown_columns
from insights.readers.table import Row, readings

NAME = "parquet"

MOST_UNZIPPED = 512 * 1024 * 1024
"""Bytes of a file inside gzip."""

BATCH_BYTES = 8 * 1024 * 1024
"""About how many bytes of a row group are held as Python values at once."""

DAMAGED = "a damaged Parquet file"


def sniff(head: bytes) -> bool:
    """Whether the content begins as Parquet does."""
    return head.startswith(b"PAR1")


def read(path: Path, options: ReadOptions) -> Iterator[Reading]:
    """Yields a reading for each row, or for each group of rows in the layout ``turn``.

    Raises:
        UsageError: The file cannot be opened, or a mapped column does not exist.
    """
    import pyarrow.parquet as pq

    try:
        with _seekable(path) as handle:
            try:
                file = pq.ParquetFile(handle, buffer_size=1024 * 1024, pre_buffer=False)
                columns = [str(name) for name in file.schema_arrow.names]
            except _problems():
                yield refused(str(path), DAMAGED)
                return
            if len(set(columns)) < len(columns):
                yield refused(str(path), "columns of the same name")
                return
            plan = plan_for(options, columns)
            if options.trace is not None:
                options.trace.uses.update((column, plan.use_of(column)) for column in columns)
            if not plan.text and not plan.turns:
                shown = shown_columns(columns)
                yield refused(str(path), f"no column named text; declare columns in a mapping (there are: {shown})")
                return
            rows = _rows(file, [column for column in columns if column not in plan.ignored], path, options.reference(path))
            yield from readings(rows, plan, options, channel="unknown")
    except TooLargeError as error:
        yield refused(str(path), error.reason)


def _problems() -> tuple[type[Exception], ...]:
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, OverflowError, LookupError, NotImplementedError)


@contextmanager
def _seekable(path: Path) -> Iterator[io.BufferedIOBase]:
    with opened(path) as handle:
        if isinstance(handle.raw, io.FileIO) and handle.seekable():
            yield handle
        else:
            yield io.BytesIO(whole(handle, limit=MOST_UNZIPPED))


def _rows(file: Any, columns: list[str], path: Path, reference: str) -> Iterator[Row | SetAside]:
    number = 0
    try:
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(batch_size=_batch_size(file.metadata.row_group(group)), row_groups=[group], columns=columns):
                for fields in _values(batch):
                    number += 1
                    locator = f"{path}#{number}"
                    if fields is None:
                        yield refused(locator, "values that cannot be read")
                    else:
                        yield Row(locator, f"{reference}#{number}", fields)
    except _problems():
        yield refused(f"{path}#{number + 1}", DAMAGED)


def _batch_size(group: Any) -> int:
    """Rows whose values take about ``BATCH_BYTES``, by the group's own declaration."""
    each = max(group.total_byte_size, 1) / max(group.num_rows, 1)
    return int(min(max(BATCH_BYTES / max(each, 1), 1), 2000))


def _values(batch: Any) -> Iterator[dict[str, Any] | None]:
    """The rows of a batch; None for one whose values Python cannot hold, such as text that is no UTF-8."""
    batch = _whole_microseconds(batch)
    try:
        yield from batch.to_pylist()
        return
    except _problems():
        pass
    for place in range(batch.num_rows):
        try:
            fields = batch.slice(place, 1).to_pylist()[0]
        except _problems():
            fields = None
        yield fields


def _whole_microseconds(batch: Any) -> Any:
    """Python's times end at microseconds."""
    import pyarrow as pa

    for place, column in enumerate(batch.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            micro = pa.timestamp("us", column.type.tz)
            batch = batch.set_column(place, pa.field(column.name, micro), batch.column(place).cast(micro, safe=False))
    return batch
