"""The same pure function over batches, in this process or in a pool of processes, with the same results in the same order."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from insights.errors import InsightsError

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Worker = Callable[[Batch], Result]

# Starting a process costs seconds of imports; so few batches are done sooner here.
_INLINE_BATCHES = 3

_worker: Callable[[Any], Any] | None = None


def run(make: Callable[[], Worker[Batch, Result]], batches: Iterable[Batch], *, workers: int) -> Iterator[Result]:
    """Applies a worker to each batch.

    Args:
        make: Builds the worker (loads models); called once a process, so it must be picklable.
        batches: Read lazily: at most two a process are in flight, so memory stays flat.
        workers: Processes; 1 stays in this one.

    Yields:
        A result a batch, in the order of the batches.

    Raises:
        InsightsError: A process died (out of memory, killed).
    """
    iterator = iter(batches)
    head = list(itertools.islice(iterator, _INLINE_BATCHES))
    if workers <= 1 or len(head) < _INLINE_BATCHES:
        worker = make()
        yield from map(worker, itertools.chain(head, iterator))
        return
    yield from _in_pool(make, itertools.chain(head, iterator), workers)


def _in_pool(make: Callable[[], Worker[Batch, Result]], batches: Iterator[Batch], workers: int) -> Iterator[Result]:
    # spawn, because a fork of a process with threads of BLAS or a tokenizer may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(make,))
    waiting: deque[Future[Result]] = deque()
    try:
        for batch in batches:
            with _uninterrupted():
                waiting.append(pool.submit(_work, batch))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise InsightsError("a worker process died", "free memory, or set classify.workers = 1 in insights.toml") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Lets processes be started that Ctrl-C does not reach: this one hears it, and ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(make: Callable[[], Worker[Any, Any]]) -> None:
    global _worker
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        _worker = make()
    except Exception as error:  # noqa: BLE001 - told by the first batch, as if it had been made here
        _worker = _Failing(error)


def _leave_with_parent() -> None:
    """Ends this process when the one that started it is gone; else a killed run would leave its workers behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Failing:
    """Stands for a worker that could not be made."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, batch: Any) -> Any:
        del batch
        raise self.error


def _work(batch: Any) -> Any:
    if _worker is None:
        raise RuntimeError("the worker was not started")
    return _worker(batch)
