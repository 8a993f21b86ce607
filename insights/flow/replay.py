"""What a changed taxonomy would gain, lose and move: the stored history judged under both, before anything changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from insights import engine
from insights.classify.compare import Compared, Comparer, OnceAnnotator
from insights.classify.corrected import apply_corrections, told
from insights.classify.taxonomy import compile_taxonomy
from insights.config.load import Loaded
from insights.config.models import Taxonomy
from insights.domain import Decision, Evidence, Insight, Interaction, Kind, digest_of
from insights.flow.analyse import Recipe, classifier_of, recipe_of
from insights.flow.corrections import Corrector, corrector_of
from insights.flow.ingest import BATCH
from insights.flow.progress import Progress, silent
from insights.store import Store
from insights.text.language import is_read
from insights.text.segment import Segmenter

FLIPS = 20
NOTHING = ""  # in place of a topic: no finding of the kind

Topic = str | None
"""A declared topic's key, None for a finding without one, ``NOTHING`` for no finding."""
Row = tuple[Kind, Topic]


@dataclass(frozen=True, slots=True)
class Flip:
    """One contact in which a finding would change.

    Attributes:
        interaction_id: The contact.
        kind: The kind of the finding.
        old, new: Its topic before and after.
        evidence: The words it rests on after, or before where nothing is found any more.
        old_why, new_why: What speaks for it before and after; empty for nothing.
    """

    interaction_id: str
    kind: Kind
    old: Topic
    new: Topic
    evidence: Evidence
    old_why: str
    new_why: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a batch.

    Attributes:
        interactions: Read.
        failed: Of these, such as could not be analysed.
        before, after: Contacts by kind and declared topic.
        flips: All of them.
        corrected: Contacts with corrections, with all that both find in them.
    """

    interactions: int
    failed: int
    before: Counter[Row]
    after: Counter[Row]
    flips: tuple[Flip, ...]
    corrected: tuple[tuple[str, Compared], ...]


@dataclass(frozen=True, slots=True)
class TopicChange:
    """What becomes of one kind and topic, in contacts: ``after == before + gained + moved_in - lost - moved_out``.

    Attributes:
        kind: The kind.
        topic: Declared topic's key, or None for findings without a topic.
        before, after: Contacts; None without a topic, where only changes are counted.
        gained: Nothing of the kind stood there before.
        lost: Nothing of the kind stands there any more.
        moved_in, moved_out: From or to another topic of the kind, or none.
    """

    kind: Kind
    topic: str | None
    before: int | None
    after: int | None
    gained: int = 0
    lost: int = 0
    moved_in: int = 0
    moved_out: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything would change."""
        return bool(self.gained or self.lost or self.moved_in or self.moved_out)


@dataclass(frozen=True, slots=True)
class TaxonomyDiff:
    """The whole answer.

    Attributes:
        interactions: Contacts replayed.
        failed: Contacts that could not be analysed.
        changed: Contacts in which anything would change.
        topics: A row a kind and topic, in their order; unchanged ones too.
        moves: Contacts by kind, topic before and topic after, the most first.
        flips: Some to read, balanced over the ways a finding may change.
        conflicts: Corrections that hold today and could not be honoured any more: contact, correction, why.
    """

    interactions: int
    failed: int
    changed: int
    topics: tuple[TopicChange, ...]
    moves: tuple[tuple[Kind, Topic, Topic, int], ...]
    flips: tuple[Flip, ...]
    conflicts: tuple[tuple[str, str, str], ...]


def diff(
    loaded: Loaded, store: Store, old: Taxonomy, new: Taxonomy, *, workers: int, flips: int = FLIPS, progress: Progress = silent
) -> TaxonomyDiff:
    """Replays every stored contact under two taxonomies.

    Args:
        loaded: The workspace: its model, thresholds and corrections decide under both.
        store: Its store; nothing is written.
        old: The one.
        new: The other.
        workers: Processes.
        flips: How many changes to give for reading.
        progress: Told after each batch.
    """
    correctors = (_corrector(loaded, store, old), _corrector(loaded, store, new))
    ids = store.interaction_ids()
    pieces = (store.interactions(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))
    tally = _Tally(flips)
    make = partial(make_replayer, _recipe(loaded, old), _recipe(loaded, new), frozenset(correctors[0].by_contact))
    for replayed in engine.run(make, pieces, workers=workers):
        tally.add(replayed)
        tally.correct(store, replayed.corrected, correctors)
        progress("replay", tally.interactions, len(ids))
    return tally.result(old, new)


def _recipe(loaded: Loaded, taxonomy: Taxonomy) -> Recipe:
    """What decides under a taxonomy: the workspace's recipe, with the topics learnt that this taxonomy's examples show."""
    return recipe_of(replace(loaded, taxonomy=taxonomy))


def _corrector(loaded: Loaded, store: Store, taxonomy: Taxonomy) -> Corrector:
    return corrector_of(replace(loaded, taxonomy=taxonomy), store)


def make_replayer(recipe: Recipe, new: Recipe, corrected: frozenset[str]) -> Callable[[Sequence[Interaction]], Replayed]:
    """Builds the function that replays batches, in whatever process.

    Args:
        recipe: With the old taxonomy.
        new: The same with the new one.
        corrected: Contacts that people corrected; these are judged in full.
    """
    segmenter = Segmenter(boilerplate=recipe.text.boilerplate, max_characters=recipe.text.max_characters)
    annotator = OnceAnnotator()
    old_one, new_one = (classifier_of(one, annotator) for one in (recipe, new))
    comparer = Comparer(old_one, new_one, (compile_taxonomy(recipe.taxonomy), compile_taxonomy(new.taxonomy)), annotator)
    return partial(_replay, segmenter, comparer, frozenset(recipe.text.languages), corrected)


def _replay(
    segmenter: Segmenter, comparer: Comparer, languages: frozenset[str], corrected: frozenset[str], batch: Sequence[Interaction]
) -> Replayed:
    able = [interaction for interaction in batch if is_read(interaction.language, languages)]
    compared = _compare(segmenter, comparer, corrected, able)
    plain = [(id, found) for id, found in compared if id not in corrected]
    before, after, flips = _counted(plain)
    aside = tuple((id, found) for id, found in compared if id in corrected)
    return Replayed(len(batch), len(able) - len(compared), before, after, flips, aside)


def _compare(
    segmenter: Segmenter, comparer: Comparer, corrected: frozenset[str], batch: Sequence[Interaction]
) -> list[tuple[str, Compared]]:
    """Compares a batch; where one contact breaks it, each is tried alone, as in an analysis."""
    try:
        readings = [(interaction, segmenter.sentences(interaction)) for interaction in batch]
        found = comparer.compare(readings, wholly=corrected)
    except Exception:  # noqa: BLE001 - the analysis has set it aside and told why
        return [one for interaction in batch for one in _compare(segmenter, comparer, corrected, [interaction])] if len(batch) > 1 else []
    return [(interaction.id, one) for interaction, one in zip(batch, found, strict=True)]


def _counted(compared: Iterable[tuple[str, Compared]]) -> tuple[Counter[Row], Counter[Row], tuple[Flip, ...]]:
    before: Counter[Row] = Counter()
    after: Counter[Row] = Counter()
    flips: list[Flip] = []
    for id, found in compared:
        old, new = _by_row(found.old), _by_row(found.new)
        before.update(row for row in old if row[1] is not None)
        after.update(row for row in new if row[1] is not None)
        flips += _flips(id, old, new) if found.whole else ()
    return before, after, tuple(flips)


def _by_row(insights: Iterable[Insight]) -> dict[Row, Insight]:
    """The first finding of each kind and topic that is a yes."""
    found: dict[Row, Insight] = {}
    for insight in insights:
        if insight.decision is Decision.YES:
            found.setdefault((insight.kind, insight.topic), insight)
    return found


def _flips(id: str, old: dict[Row, Insight], new: dict[Row, Insight]) -> Iterator[Flip]:
    """Pairs what a contact loses with what it gains of the same kind, the same words first; what stays alone is lost or gained."""
    for kind in Kind:
        lost = [old[row] for row in sorted(old, key=_order) if row[0] is kind and row not in new]
        gained = [new[row] for row in sorted(new, key=_order) if row[0] is kind and row not in old]
        for before in lost:
            after = next((one for one in gained if _touch(before, one)), gained[0] if gained else None)
            if after is not None:
                gained.remove(after)
            yield _flip(id, kind, before, after)
        for after in gained:
            yield _flip(id, kind, None, after)


def _flip(id: str, kind: Kind, before: Insight | None, after: Insight | None) -> Flip:
    old, new = (NOTHING if one is None else one.topic for one in (before, after))
    evidence = next(one.evidence[0] for one in (after, before) if one is not None)
    return Flip(id, kind, old, new, evidence, _why(before), _why(after))


def _order(row: Row) -> tuple[str, str]:
    return row[0], row[1] or ""


def _touch(one: Insight, other: Insight) -> bool:
    return any(
        mine.turn == theirs.turn and mine.start < theirs.end and theirs.start < mine.end
        for mine in one.evidence
        for theirs in other.evidence
    )


def _why(insight: Insight | None) -> str:
    if insight is None:
        return ""
    own = next((vote for vote in insight.votes if insight.topic and vote.topic == insight.topic), None)
    vote = own or next(iter(insight.votes), None)
    return vote.why if vote else ""


@dataclass(slots=True)
class _Tally:
    """Adds up batches; keeps no more flips than may be shown."""

    most: int
    interactions: int = 0
    failed: int = 0
    changed: int = 0
    before: Counter[Row] = field(default_factory=Counter)
    after: Counter[Row] = field(default_factory=Counter)
    moves: Counter[tuple[Kind, Topic, Topic]] = field(default_factory=Counter)
    kept: defaultdict[tuple[Kind, Topic, Topic], list[tuple[str, Flip]]] = field(default_factory=lambda: defaultdict(list))
    conflicts: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, replayed: Replayed) -> None:
        self.interactions += replayed.interactions
        self.failed += replayed.failed
        self._count(replayed.before, replayed.after, replayed.flips)

    def correct(self, store: Store, compared: Sequence[tuple[str, Compared]], correctors: tuple[Corrector, Corrector]) -> None:
        """Counts corrected contacts as they would stand with people's words over both."""
        contacts = {one.id: one for one in store.interactions([id for id, _ in compared])} if compared else {}
        for id, found in compared:
            old, new = (
                apply_corrections(own, corrector.by_contact[id], contacts.get(id), corrector.known)
                for own, corrector in zip((found.old, found.new), correctors, strict=True)
            )
            self._count(*_counted([(id, Compared(tuple(old.insights), tuple(new.insights), whole=True))]))
            known = {conflict.correction.id for conflict in old.conflicts}
            self.conflicts += [
                (id, told(conflict.correction), conflict.why) for conflict in new.conflicts if conflict.correction.id not in known
            ]

    def _count(self, before: Counter[Row], after: Counter[Row], flips: Sequence[Flip]) -> None:
        self.before.update(before)
        self.after.update(after)
        self.changed += len({flip.interaction_id for flip in flips})
        for flip in flips:
            way = (flip.kind, flip.old, flip.new)
            self.moves[way] += 1
            # The lot falls by a hash of the contact, so that neither order nor processes choose what is read.
            lot = digest_of("flip", flip.interaction_id, flip.kind)
            self.kept[way] = sorted([*self.kept[way], (lot, flip)], key=lambda pair: pair[0])[: self.most]

    def result(self, old: Taxonomy, new: Taxonomy) -> TaxonomyDiff:
        rows = {(rule.kind, key) for taxonomy in (old, new) for key, rule in taxonomy.topic.items()}
        bare = {(kind, None) for kind, *ends in self.moves if None in ends}
        topics = tuple(self._row(*row) for row in sorted({*rows, *bare, *self.before, *self.after}, key=_order))
        moves = sorted(((*way, count) for way, count in self.moves.items()), key=lambda move: (-move[3], *map(str, move[:3])))
        return TaxonomyDiff(
            self.interactions, self.failed, self.changed, topics, tuple(moves), tuple(self._chosen()), tuple(self.conflicts)
        )

    def _row(self, kind: Kind, topic: str | None) -> TopicChange:
        def sum_of(wanted: Callable[[Topic, Topic], bool]) -> int:
            return sum(count for (own, old, new), count in self.moves.items() if own is kind and wanted(old, new))

        return TopicChange(
            kind,
            topic,
            self.before[kind, topic] if topic is not None else None,
            self.after[kind, topic] if topic is not None else None,
            gained=sum_of(lambda old, new: old == NOTHING and new == topic),
            lost=sum_of(lambda old, new: old == topic and new == NOTHING),
            moved_in=sum_of(lambda old, new: old != NOTHING and new == topic),
            moved_out=sum_of(lambda old, new: old == topic and new != NOTHING),
        )

    def _chosen(self) -> Iterator[Flip]:
        """Takes one of each way in turn until there are enough."""
        ways = [self.kept[way] for way in sorted(self.kept, key=lambda way: tuple(map(str, way)))]
        rounds = (flips[turn][1] for turn in range(self.most) for flips in ways if turn < len(flips))
        for _, flip in zip(range(self.most), rounds, strict=False):
            yield flip
