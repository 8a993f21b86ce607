"""Links lead somewhere, and the examples of configuration files are read as the program reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from doc_pages import PAGES, ROOT, Block, blocks, name, prose

from insights import readers
from insights.classify.taxonomy import check_taxonomy, compile_taxonomy
from insights.config import models
from insights.config.toml import parse_toml
from insights.domain import Interaction, Role
from insights.route import Router

MODELS = {
    "insights.toml": models.Workspace,
    "taxonomy.toml": models.Taxonomy,
    "ownership.toml": models.Ownership,
    "mapping": models.Mapping,
    "pipeline": models.Pipeline,
}
EXAMPLES = [block for page in PAGES for block in blocks(page) if block.info.startswith("toml")]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def _id(block: Block) -> str:
    return f"{name(block.page)}: {block.text.splitlines()[0]}"


def _anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as common hosts make them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_resolve(page: Path) -> None:
    """A link into the repository leads to a file or folder there, and to a heading where it names one."""
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert found.is_relative_to(ROOT), target
        if anchor:
            assert anchor in _anchors(found), target


@pytest.mark.parametrize("block", EXAMPLES, ids=_id)
def test_examples_of_configuration_are_valid(block: Block) -> None:
    """Each TOML example says which file it is of, and has only known keys and values."""
    kind = block.info.removeprefix("toml").strip()
    assert kind in MODELS, "write the file's name behind the fence, such as ```toml taxonomy.toml"
    parse_toml(block.text, MODELS[kind], shown=kind)


@pytest.mark.parametrize("block", [block for block in EXAMPLES if block.info.endswith("taxonomy.toml")], ids=_id)
def test_examples_of_taxonomies_keep_their_word(block: Block) -> None:
    """Every match and no_match of an example comes out as it says."""
    taxonomy = parse_toml(block.text, models.Taxonomy, shown="taxonomy.toml")
    assert check_taxonomy(taxonomy, compile_taxonomy(taxonomy), shown="taxonomy.toml", lines={}) == []


@pytest.mark.parametrize("block", [block for block in EXAMPLES if block.info.endswith("ownership.toml")], ids=_id)
def test_examples_of_ownership_keep_their_word(block: Block) -> None:
    """Every unit an example names is declared in it, and its tests pass."""
    router = Router(parse_toml(block.text, models.Ownership, shown="ownership.toml"))
    assert [result for result in router.test() if not result.passed] == []


FEEDS = blocks(ROOT / "docs" / "guide" / "feeds.md")


@pytest.mark.parametrize(
    ("begins", "mapping", "reader", "expected"),
    [
        ("Ticket;Opened", "tickets", "csv", [("1001", "ticket", [Role.CUSTOMER])]),
        ("conversation,", "chats", "csv", [("C-1", "chat", [Role.CUSTOMER, Role.AGENT])]),
        ('{"case"', "crm", "jsonl", [("77", "call", [Role.CUSTOMER, Role.AGENT])]),
        ('{"id"', "", "jsonl", [("c-102", "call", [Role.CUSTOMER, Role.AGENT]), ("s-9", "survey", [Role.CUSTOMER])]),
        ("WEBVTT", "", "webvtt", [("call-17", "call", [Role.AGENT, Role.CUSTOMER])]),
        ("id: call-18", "", "transcript", [("call-18", "call", [Role.AGENT, Role.CUSTOMER])]),
    ],
)
def test_examples_of_feeds_are_read(tmp_path: Path, begins: str, mapping: str, reader: str, expected: list[object]) -> None:
    """The worked examples of files and mappings give the contacts they show, recognised by their content."""
    file = tmp_path / "example"
    file.write_text(next(block.text for block in FEEDS if block.text.startswith(begins)), encoding="utf-8")
    written = next((block.text for block in FEEDS if block.text.startswith(f"# mappings/{mapping}.toml")), None) if mapping else None
    options = readers.ReadOptions(
        source="example",
        received_at=datetime(2026, 3, 3, tzinfo=UTC),
        mapping=parse_toml(written, models.Mapping, shown="mapping") if written else None,
        timezone="Europe/Dublin",
    )
    assert reader == readers.choose(file).NAME
    found = [item for item in readers.read(file, options) if isinstance(item, Interaction)]
    assert [(item.source_ref, item.channel, [turn.role for turn in item.turns]) for item in found] == expected
    assert all(item.started_at or item.channel == "survey" for item in found)
