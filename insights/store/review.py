"""What waits for a person's yes or no, with what tells how much an answer is worth."""

from __future__ import annotations

from insights.domain import Kind, Severity
from insights.store.connection import Database
from insights.store.records import Waiting

_SEVERITIES = tuple(Severity)
_WAITING = """
WITH of_topic AS (
  SELECT topic, count(DISTINCT interaction) AS contacts FROM insight WHERE decision = 'yes' AND topic IS NOT NULL GROUP BY topic
), of_subject AS (
  SELECT kind, subject, count(DISTINCT interaction) AS contacts FROM insight WHERE decision = 'yes' AND subject <> '' GROUP BY kind, subject
)
SELECT n.id, n.kind, n.subject, n.confidence, n.severity, coalesce(t.contacts, s.contacts, 0) FROM insight n
  LEFT JOIN of_topic t ON t.topic = n.topic LEFT JOIN of_subject s ON s.kind = n.kind AND s.subject = n.subject
WHERE n.decision = 'undecided' ORDER BY n.id
"""


def undecided(store: Database) -> list[Waiting]:
    """Returns the findings that are neither yes nor no, by id."""
    return [
        Waiting(id, Kind(kind), subject, confidence, _SEVERITIES[severity], contacts)
        for id, kind, subject, confidence, severity, contacts in store.rows(_WAITING)
    ]


def found_of_kind(store: Database) -> dict[Kind, int]:
    """Returns how many decided findings there are of each kind."""
    counted: dict[str, int] = dict(store.rows("SELECT kind, count(*) FROM insight WHERE decision = 'yes' GROUP BY kind"))
    return {kind: counted.get(kind.value, 0) for kind in Kind}
