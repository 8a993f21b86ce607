"""Taxonomies: compiling, names, hash, and the faults `insights check` tells."""

from __future__ import annotations

import pickle

import pytest
from classify_contacts import TAXONOMY, taxonomy_of

from insights.classify.taxonomy import check_taxonomy, compile_taxonomy
from insights.config.models import Taxonomy
from insights.config.toml import locate, parse_toml
from insights.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my HUB is dead", "router"),
        ("Hub 5", "router"),
        ("router", "router"),
        ("the hubcap", None),
        ("", None),
        (None, None),
        ("nothing", None),
    ],
)
def test_products_are_known_by_key_label_and_alias(text: str | None, expected: str | None) -> None:
    """Names match whole words in any case."""
    assert taxonomy_of().product_key(text) == expected


def test_competitors_have_keys_and_their_names_are_protected() -> None:
    """Rivals are found by alias, and every name stays readable in redaction."""
    taxonomy = taxonomy_of()
    assert taxonomy.competitor_key("I went to Acme's shop") == "acme"
    assert {"Acme Mobile", "acme", "Hub 5"} <= set(taxonomy.protected_names)


def test_the_hash_follows_the_content_and_not_the_order() -> None:
    """The same rules in another order have the same hash; another phrase has another."""
    blocks = TAXONOMY.strip().split("\n\n")
    assert taxonomy_of("\n\n".join(reversed(blocks))).hash == taxonomy_of().hash
    assert taxonomy_of(TAXONOMY.replace("waiting", "wait*")).hash != taxonomy_of().hash


def test_a_compiled_taxonomy_travels_to_other_processes() -> None:
    """Pickling keeps it whole."""
    assert pickle.loads(pickle.dumps(taxonomy_of())).hash == taxonomy_of().hash


def test_unreadable_phrases_are_told_all_at_once() -> None:
    """Two bad phrases are two faults with their places."""
    text = '[topic.a]\nlabel = "A"\nkind = "product_issue"\nany = ["*"]\nunless = ["?!"]\n'
    with pytest.raises(ConfigError) as caught:
        compile_taxonomy(parse_toml(text, Taxonomy, shown="t.toml"))
    assert [fault.key for fault in caught.value.faults] == ["topic.a.any", "topic.a.unless"]


def faults(text: str, *, warnings: bool = False) -> list[str]:
    """The faults of a taxonomy, or its warnings, as `key: problem`."""
    taxonomy = parse_toml(text, Taxonomy, shown="taxonomy.toml")
    found = check_taxonomy(taxonomy, compile_taxonomy(taxonomy), shown="taxonomy.toml", lines=locate(text))
    assert all(fault.line > 0 for fault in found)
    return [f"{fault.key}: {fault.problem}" for fault in found if fault.warning is warnings]


TOPIC = '[topic.slow]\nlabel = "Slow"\nkind = "product_issue"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TAXONOMY, []),
        (TOPIC + 'any = ["slow"]\nmatch = ["it is slow"]\nno_match = ["it is not slow", "fast"]\n', []),
        (TOPIC + 'any = ["slow"]\nmatch = ["it is sluggish"]\n', ['topic.slow.match: not recognised: "it is sluggish"']),
        (TOPIC + 'any = ["slow"]\nmatch = ["it is not slow"]\n', ['topic.slow.match: not recognised: "it is not slow"']),
        (TOPIC + 'any = ["slow"]\nno_match = ["so slow"]\n', ['topic.slow.no_match: recognised, but should not be: "so slow"']),
        (TOPIC, ["topic.slow: no phrase recognises it"]),
        (TOPIC + 'any = ["slow"]\nproduct = "hub"\n', ['topic.slow.product: no product "hub"']),
        (
            TOPIC + 'any = ["slow"]\nmatch = ["slow again"]\n[topic.other]\nlabel = "B"\nkind = "product_issue"\nany = ["again"]\n',
            ['topic.slow.match: "slow again" is also recognised as other'],
        ),
        (
            '[product.a]\nlabel = "Hub"\n[product.b]\nlabel = "B"\naliases = ["hub"]\n',
            ['product.b.aliases: "hub" is also a name of product.a'],
        ),
        ('[product.a]\nlabel = "++"\n', ['product.a.label: the name "++" holds no word and can never be found']),
        ('[competitor.o]\nlabel = "O"\nambiguous = true\n', ["competitor.o: is ambiguous but has no hints"]),
    ],
)
def test_a_taxonomy_keeps_its_word(text: str, expected: list[str]) -> None:
    """Examples run, names stand for one thing, topics of a kind keep apart, every topic can be recognised."""
    assert faults(text) == expected
