"""Runs of pipelines with their manifests, and the fingerprints by which unchanged steps are skipped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from insights.errors import NotFoundError
from insights.store.connection import Database, micros, moment
from insights.store.records import Run, RunStep


def start_run(store: Database, run_id: str, *, pipeline: str, as_of: datetime, manifest: Mapping[str, str]) -> None:
    """Notes that a run began; the same id again takes the interrupted run up, its finished steps kept."""
    with store.writing():
        store.run(
            "INSERT INTO run (id, pipeline, as_of, status, manifest) VALUES (?, ?, ?, 'running', ?)"
            " ON CONFLICT (id) DO UPDATE SET as_of = excluded.as_of, status = 'running', manifest = excluded.manifest",
            (run_id, pipeline, micros(as_of), json.dumps(dict(manifest), sort_keys=True)),
        )


def last_fingerprint(store: Database, step: str) -> str | None:
    """Returns the fingerprint of the step's newest completion, or None."""
    found = store.value("SELECT fingerprint FROM run_step WHERE step = ? ORDER BY seq DESC LIMIT 1", (step,))
    return None if found is None else str(found)


def finish_step(store: Database, run_id: str, step: str, *, fingerprint: str, counts: Mapping[str, int]) -> None:
    """Notes that a step of a run was completed.

    Raises:
        NotFoundError: The run was never started.
    """
    with store.writing():
        run = _seq(store, run_id)
        store.run("DELETE FROM run_step WHERE run = ? AND step = ?", (run, step))
        store.run(
            "INSERT INTO run_step (run, step, fingerprint, counts) VALUES (?, ?, ?, ?)",
            (run, step, fingerprint, json.dumps(dict(counts))),
        )


def finish_run(store: Database, run_id: str, status: str) -> None:
    """Notes how a run ended, such as ``done``, ``partial`` or ``failed``.

    Raises:
        NotFoundError: The run was never started.
    """
    with store.writing():
        store.run("UPDATE run SET status = ? WHERE seq = ?", (status, _seq(store, run_id)))


def runs(store: Database, limit: int = 20) -> list[Run]:
    """Returns the newest runs, the newest first."""
    with store.reading():
        found = store.rows("SELECT seq, id, pipeline, as_of, status, manifest FROM run ORDER BY seq DESC LIMIT ?", (limit,))
        return [
            Run(run_id, pipeline, moment(as_of), status, json.loads(manifest), _steps(store, seq))
            for seq, run_id, pipeline, as_of, status, manifest in found
        ]


def _steps(store: Database, run: int) -> tuple[RunStep, ...]:
    found = store.rows("SELECT step, fingerprint, counts FROM run_step WHERE run = ? ORDER BY seq", (run,))
    return tuple(RunStep(step, fingerprint, json.loads(counts)) for step, fingerprint, counts in found)


def _seq(store: Database, run_id: str) -> int:
    seq = store.value("SELECT seq FROM run WHERE id = ?", (run_id,))
    if seq is None:
        raise NotFoundError(f"there is no run {run_id}", "start the run first")
    return int(seq)
