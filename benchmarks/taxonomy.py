"""A hundred topics checked, every rule of the sample company deleted once, and the slowest phrase that is allowed."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.measure import insights
from insights import engine
from insights.classify.phrases import PhraseError, PhraseIndex, parse_phrase
from insights.classify.taxonomy import check_taxonomy, compile_taxonomy
from insights.config.models import Taxonomy
from insights.config.toml import read_toml
from insights.errors import ConfigError
from insights.registry import resource

TOPICS, EXAMPLES = 100, 20
PARTS = ("any", "all", "unless")
_KINDS = ("product_issue", "process_failure", "improvement_idea", "market_opportunity", "testimonial")
_SYLLABLES = ("ba", "den", "fol", "gri", "hum", "kes", "lor", "mid", "nap", "pra", "rov", "sel", "tun", "vik", "wes", "zad")

Rule = tuple[str, str, int]


def generated(topics: int, examples: int, seed: int) -> str:
    """Returns a taxonomy of invented words: each topic has ten phrases, an unless, and examples that prove each of them."""
    rng = random.Random(seed)
    written = []
    for number in range(topics):
        nouns = [_word(rng) for _ in range(5)]
        verbs = [_word(rng) for _ in range(5)]
        phrases = [f"{noun}|{noun}s * {verb}*" for noun in nouns for verb in rng.sample(verbs, 2)]
        match = [f"On Monday the {phrase.split('|')[0]} was {phrase.split()[-1][:-1]}ed again." for phrase in phrases]
        no_match = [f"On {day} the {noun} came as planned." for day in ("Monday", "Friday") for noun in nouns]
        lists = {"any": phrases, "unless": [_word(rng)], "match": match, "no_match": no_match[: examples - len(match)]}
        written += [f"[topic.topic_{number}]", f'label = "Topic {number}"', f'kind = "{_KINDS[number % len(_KINDS)]}"']
        written += [f"{key} = {json.dumps(texts)}" for key, texts in lists.items()]
    return "\n".join(written) + "\n"


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=3))


def check_seconds(folder: Path, topics: int = TOPICS, examples: int = EXAMPLES) -> tuple[float, int]:
    """Returns how long ``insights check`` takes on a generated taxonomy in a workspace of its own, and its exit status."""
    insights("init", str(folder))
    (folder / "taxonomy.toml").write_text(generated(topics, examples, 1), encoding="utf-8")
    (folder / "ownership.toml").write_text('triage = "care"\n[unit.care]\nname = "Care"\n', encoding="utf-8")
    measured = insights("--workspace", str(folder), "check", "--quiet")
    return measured.seconds, measured.status


def rules_of(taxonomy: Taxonomy) -> list[Rule]:
    """Returns every phrase of every topic: topic, list, place."""
    return [(key, part, place) for key, rule in taxonomy.topic.items() for part in PARTS for place in range(len(getattr(rule, part)))]


def without(taxonomy: Taxonomy, rule: Rule) -> Taxonomy:
    """Returns the taxonomy without one phrase, and without topics of other kinds, which cannot stand in each other's way."""
    key, part, place = rule
    topic = taxonomy.topic[key]
    phrases = getattr(topic, part)
    cut = topic.model_copy(update={part: phrases[:place] + phrases[place + 1 :]})
    beside = {name: other for name, other in taxonomy.topic.items() if other.kind is topic.kind}
    return taxonomy.model_copy(update={"topic": {**beside, key: cut}})


def survivors(taxonomy: Taxonomy, workers: int) -> list[Rule]:
    """Returns the rules whose deletion leaves check without a fault."""
    rules = rules_of(taxonomy)
    pieces = [rules[start : start + 20] for start in range(0, len(rules), 20)]
    return [rule for found in engine.run(partial(partial, _unnoticed, taxonomy), pieces, workers=workers) for rule in found]


def _unnoticed(taxonomy: Taxonomy, rules: list[Rule]) -> list[Rule]:
    return [rule for rule in rules if not is_red(without(taxonomy, rule))]


def is_red(taxonomy: Taxonomy) -> bool:
    """Whether ``insights check`` would leave with 1 for this taxonomy."""
    try:
        compiled = compile_taxonomy(taxonomy)
    except ConfigError:
        return True
    return any(not fault.warning for fault in check_taxonomy(taxonomy, compiled, shown="taxonomy.toml", lines={}))


def slowest_phrase(seed: int = 1, tried: int = 300) -> tuple[float, str]:
    """Returns the longest a phrase that is allowed takes over a hostile sentence of sixty words, in seconds, and the phrase."""
    rng = random.Random(seed)
    worst = (0.0, "")
    hostile = [("a",) * 60, tuple(rng.choices(("a", "aa", "aaa"), k=60)), ("a", "b") * 30]
    for text in _hostile_phrases(rng, tried):
        try:
            index = PhraseIndex([[parse_phrase(text)]])
        except PhraseError:
            continue
        for words in hostile:
            start = time.perf_counter()
            index.find(words)
            worst = max(worst, (time.perf_counter() - start, text))
    return worst


def _hostile_phrases(rng: random.Random, count: int) -> Iterator[str]:
    """Phrases of the parts that make expressions slow, each with an end that is never found."""
    parts = ("a", "a?", "*", "a*", "a|aa", "a*|aa*", "a-a|a", "aa?")
    for _ in range(count):
        yield " ".join((*rng.choices(parts, k=rng.randint(4, 40)), "a|zz", "zz|aaaaaa"))[:400]


def report(workers: int = 2) -> None:
    """Prints the time of a check, the share of deleted rules that turn it red, and the slowest phrase."""
    with tempfile.TemporaryDirectory() as name:
        seconds, status = check_seconds(Path(name) / "w")
    print(f"insights check, {TOPICS} topics x {EXAMPLES} examples: {seconds:.1f} s, exit status {status}")
    start = time.perf_counter()
    taxonomy = read_toml(resource("sample_data") / "taxonomy.toml", Taxonomy)
    left = survivors(taxonomy, workers)
    total = len(rules_of(taxonomy))
    print(
        f"rules of the sample company deleted one by one: {total - len(left)} of {total} ({1 - len(left) / total:.3f}) turn check red"
        f", {time.perf_counter() - start:.0f} s"
    )
    for key, part, place in left:
        print(f"  not noticed: topic.{key}.{part}: {getattr(taxonomy.topic[key], part)[place]}")
    slow, phrase = slowest_phrase()
    print(f"slowest phrase allowed, hostile sentence of 60 words: {1000 * slow:.1f} ms ({phrase})")
