"""Every rendering tells the same, keeps hostile text harmless and gives the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from digest_facts import UNIT, WEEK, digest_of, quote, realistic, topic, verdict
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from insights.digest import words
from insights.digest.markdown import escape
from insights.digest.render import MAIL_LIMIT, html, mail, markdown, message, subject, text, to_json
from insights.domain import Digest, Line, Message, Outcome, Quote, Role, Visibility

RENDERINGS = {"html": html, "mail": mail, "markdown": markdown, "text": text, "json": to_json}

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% for x in y %}",
    "<!-- --><iframe src=//evil.example>",
    "&lt;script&gt;&#60;b&#62;",
    "javascript:alert(1)",
    '<a href="javascript:alert(1)">x</a>',
    "]]><![CDATA[<b>",
    "<base href=//evil.example><meta http-equiv=refresh content=0>",
    "line\r\nbreak\u2028and\u2029more\x85end\x0b\x0c",
    "\u202eesrever\u202c \u2066x\u2069 \u200f",
    "nul\0 bell\x07 escape\x1b[31mred",
    "half \ud83d character",
    "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308lgo",
    "\U000e0041\U000e0042hidden tags",
    "=cmd|' /C calc'!A1",
    "word" * 3000,
)


HOSTILE_CODE = ("`code` ends", "```", "` <b>x</b> `", "a' b")


def poisoned(payload: str) -> Digest:
    """Returns a digest with hostile text in every field that text reaches."""
    quotes = (quote(payload, payload, channel=payload), quote("plain", "c-2"))
    facts = topic(
        "late", label=payload, reason=payload, quotes=quotes, issue=payload, query=payload, topic=payload, verdict=verdict(Outcome.VERIFIED)
    )
    unit = replace(UNIT, name=payload)
    made = digest_of(facts, topic("plain"), unit=unit, undated=(facts,))
    return replace(made, run_id=payload, headline=payload, footer=(*made.footer, payload), period=replace(WEEK, label=payload))


def structure(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Returns the elements of a page with the names of their attributes, in order."""
    return [(tag.name, tuple(sorted(tag.attrs))) for tag in BeautifulSoup(page, "html.parser").find_all()]


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("render", [html, mail], ids=["html", "mail"])
def test_hostile_text_adds_nothing_to_a_page(render: object, payload: str) -> None:
    """No text, wherever it stands, adds an element, an attribute or an address to a page."""
    assert callable(render)
    plain, hostile = render(poisoned("plain words")), render(poisoned(payload))
    assert structure(hostile) == structure(plain)
    assert BeautifulSoup(hostile, "html.parser").find(["script", "iframe", "img", "object", "base", "link", "form"]) is None
    tags = BeautifulSoup(hostile, "html.parser").find_all()
    assert all(tag.get("href", "#").startswith("#") and "src" not in tag.attrs for tag in tags)


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("name", sorted(RENDERINGS))
def test_nothing_unseen_reaches_a_rendering(name: str, payload: str) -> None:
    """Controls, direction overrides, hidden tags and half characters stand raw in no rendering."""
    shown = RENDERINGS[name](poisoned(payload))
    assert not re.search(f"[{words.UNSEEN}\ud800-\udfff\u0085\u2028\u2029]", shown.replace("@\u2060", "@"))
    assert shown.encode("utf-8")
    assert "\r" not in shown


@pytest.mark.parametrize("payload", HOSTILE)
def test_json_keeps_quotes_verbatim(payload: str) -> None:
    """What machines read is the customer's text to the last code point."""
    record = json.loads(to_json(poisoned(payload)))
    texts = [item["text"] for section in record["sections"] for line in section["lines"] for item in line["quotes"]]
    assert texts.count(payload) == 2


MARKED = (
    "# heading", "- item", "+ item", "1. item", "1) item", "> quote", "    code", "```\ncode\n```", "*em* **strong** __x__ _y_", "`code`",
    "[link](http://evil.example)", "![image](http://evil.example/x.png)", "<b>bold</b>", "<http://evil.example>", "https://evil.example",
    "www.evil.example", "a | b | c", "| a |\n|---|", "===", "---", "***", "~~gone~~", "&lt;b&gt; &copy;", "\\*x\\*", "[ref]: http://evil.example",
    "$x^2$", "a\\\nb", "<!-- hidden -->", "x@evil.example",
)  # fmt: skip


@pytest.mark.parametrize("payload", [*MARKED, *HOSTILE, *HOSTILE_CODE])
def test_customers_text_never_becomes_markdown(payload: str) -> None:
    """Rendered as Markdown, with tables, strikethrough and raw HTML on, the text shows itself and nothing else."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    shown = BeautifulSoup(reader.render(f"> {escape(payload)}"), "html.parser")
    assert {tag.name for tag in shown.find_all()} <= {"blockquote", "p"}
    assert " ".join(shown.text.replace("\u2060", "").split()) == words.clean(payload)
    whole = BeautifulSoup(reader.render(markdown(poisoned(payload))), "html.parser")
    plain = BeautifulSoup(reader.render(markdown(poisoned("plain words"))), "html.parser")
    assert [tag.name for tag in whole.find_all()] == [tag.name for tag in plain.find_all()]
    assert whole.find(["a", "img"]) is None


@pytest.mark.parametrize(
    "payload", ["https://evil.example/x", "HTTP://evil.example", "www.evil.example", "x@evil.example", "@channel", "ftp://evil.example"]
)
def test_markdown_breaks_bare_addresses_and_mentions(payload: str) -> None:
    """Renderers that turn bare addresses into links find none."""
    shown = escape(f"see {payload} now")
    assert not re.search(r"(?i)\w://|www\.|@\w", shown)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_any_text_survives_every_rendering(payload: str) -> None:
    """Whatever a customer writes, pages keep their structure and Markdown shows the cleaned text."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    shown = BeautifulSoup(reader.render(f"> x {escape(payload)}"), "html.parser")
    assert {tag.name for tag in shown.find_all()} == {"blockquote", "p"}
    line = digest_of(topic("late", quotes=(quote(payload or "x"),), label=payload))
    page = html(line)
    assert [tag.name for tag in BeautifulSoup(page, "html.parser").find_all("blockquote")] == ["blockquote"] * page.count("<blockquote>")
    assert json.loads(to_json(line))["sections"][0]["lines"][0]["label"] == payload


def test_renderings_are_the_same_each_time() -> None:
    """The same digest gives the same bytes."""
    for render in RENDERINGS.values():
        assert render(realistic()) == render(realistic())


@pytest.mark.parametrize("name", sorted(RENDERINGS))
def test_each_line_has_its_figures_proof_and_reason(name: str) -> None:
    """Count, rate, denominator, change with interval, quotes with their source, severity, reason and issue stand in every rendering."""
    shown = " ".join(RENDERINGS[name](realistic()).replace("\\", "").replace("> ", "").replace("&#39;", "'").split())
    for part in (
        "Refund not paid",
        "31",
        "1,482" if name != "json" else "1482",
        "still have not seen a penny",
        "c-48213",
        "ISS-000012",
        "rule 4: topic refund",
    ):
        assert part in shown, part
    assert "topic:refund_late since:2026-09-28" in shown.replace("&amp;", "&")
    if name != "json":
        for part in (
            "21 per 1,000" if name != "html" else ">21 <",
            "1.2–4.4",
            "9.3",
            "high severity",
            "29 September 2026",
            "Set aside".lower(),
            "daily-20261005-a1b2c3",
        ):
            assert part in shown, part


def test_json_has_schema_and_sorted_keys() -> None:
    """Machines find the schema's name, sorted keys, UTC times and null where a number is not finite."""
    digest = digest_of(topic("late", ratio=float("inf"), low=1.2, high=float("inf"), series=(float("nan"), 1.0)))
    content = to_json(digest)
    record = json.loads(content)
    assert content == json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    assert (record["schema"], record["period"]["start"]) == ("insights.digest/1", "2026-09-28T00:00:00Z")
    line = record["sections"][0]["lines"][0]
    assert (line["ratio"], line["low"], line["high"], line["change"], line["series"]) == (None, 1.2, None, "up", [None, 1.0])


def test_json_holds_every_field_of_a_line_and_its_quotes() -> None:
    """A field added to the nouns cannot be forgotten in what machines read."""
    line = json.loads(to_json(realistic()))["sections"][0]["lines"][0]
    assert {field.name for field in fields(Line)} <= line.keys()
    assert {field.name for field in fields(Quote)} == line["quotes"][0].keys()


class Outline(HTMLParser):
    """Collects what an accessible page needs: levels of headings, scopes of headers, ids and links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.scopes: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "th":
            self.scopes.append(held.get("scope"))
        if held.get("id"):
            self.ids.append(str(held["id"]))
        if tag == "a":
            self.links.append(str(held.get("href")))


@pytest.mark.parametrize("render", [html, mail], ids=["html", "mail"])
def test_pages_can_be_read_by_everyone(render: object) -> None:
    """Language, headings in order, a captioned table with scopes, and links that lead somewhere."""
    assert callable(render)
    page = render(realistic())
    outline, soup = Outline(page), BeautifulSoup(page, "html.parser")
    assert soup.html is not None
    assert soup.html["lang"] == "en"
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert all(table.caption is not None for table in soup.find_all("table"))
    assert None not in outline.scopes
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert all(svg.get("role") == "img" or svg.get("aria-hidden") == "true" for svg in soup.find_all("svg"))


def test_a_page_is_self_contained_under_a_strict_policy() -> None:
    """The page's policy allows its own style sheet by hash and nothing else, and the page keeps to it."""
    page = html(realistic())
    soup = BeautifulSoup(page, "html.parser")
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy is not None
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy["content"] == f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    assert soup.find(style=True) is None
    assert "url(" not in style
    assert "@import" not in style
    for feature in ("prefers-color-scheme: dark", "@media print", "max-width: 40rem"):
        assert feature in style


def test_mail_holds_no_svg_style_sheet_or_picture() -> None:
    """Mail programs get what they can show: inline styles alone."""
    soup = BeautifulSoup(mail(realistic()), "html.parser")
    assert soup.find(["svg", "style", "img", "link", "script"]) is None
    assert soup.find(style=True) is not None


def test_a_long_mail_is_shortened_and_says_so() -> None:
    """A mail stays below what programs cut off; what is left out is said, and the text holds all of it."""
    long = "many words of a customer " * 20
    topics = [topic(f"t{n}", 10, quotes=tuple(quote(f"{m} {long}", f"c-{n}-{m}") for m in range(3))) for n in range(60)]
    digest = digest_of(*topics, items=50)
    page = mail(digest)
    assert len(page.encode()) <= MAIL_LIMIT
    assert "Shortened to fit a mail" in page
    assert "Shortened" not in mail(realistic())
    assert text(digest).count("\n* ") == 50


def test_the_subject_names_no_topic() -> None:
    """A subject is unit, period and counts: nothing a customer said, nothing found in what they said."""
    assert subject(realistic()) == "Billing & Refunds: weekly digest 2026-W40 (1 new, 1 growing, 1 fixed)"
    assert subject(digest_of()) == "Billing & Refunds: weekly digest 2026-W40 (0 topics)"
    assert subject(poisoned("a\r\nBcc: x")).isprintable()


def test_messages_have_one_key_a_destination_and_version() -> None:
    """The key follows destination, unit, period and version, and neither run nor content beyond that."""
    at = datetime(2026, 10, 5, tzinfo=UTC)
    first = message(realistic(), destination="share", version="v", at=at)
    assert message(replace(realistic(), run_id="later", headline="else"), destination="share", version="v", at=at).key == first.key
    moved = replace(realistic(), period=replace(WEEK, label="2026-W41"))
    others = [
        message(realistic(), destination="post", version="v", at=at),
        message(realistic(), destination="share", version="", at=at),
        message(moved, destination="share", version="v", at=at),
    ]
    assert len({first.key, *(other.key for other in others)}) == 4
    assert all(getattr(first, field.name) for field in fields(Message))


def test_days_are_those_of_the_workspace() -> None:
    """Dates are shown in the workspace's zone, and JSON stays in UTC."""
    zone = ZoneInfo("Pacific/Auckland")
    late = digest_of(topic("late", quotes=(quote("words", at=datetime(2026, 9, 29, 20, tzinfo=UTC)),)))
    assert "29 September 2026" in text(late)
    assert "30 September 2026" in text(late, zone=zone)
    assert '"at": "2026-09-29T20:00:00Z"' in to_json(late)


def test_text_is_wrapped_and_stands_alone() -> None:
    """No line of the text is wider than 76 characters, and quotes keep their mark on every line."""
    lines = text(digest_of(topic("late", quotes=(quote("many words " * 20),)))).splitlines()
    assert max(map(len, lines)) <= 76
    assert sum(line.startswith("  > ") for line in lines) == 4


def test_an_empty_digest_is_still_an_honest_page() -> None:
    """A period without a topic has a headline and a footer in every rendering."""
    for name, render in RENDERINGS.items():
        shown = " ".join(render(digest_of()).replace("\\", "").split())
        assert "No topic reached 3 contacts this week." in shown, name


def test_notes_and_followed_topics_are_marked() -> None:
    """Readers see which words are an internal note and which topics another unit owns."""
    note = quote("Cust. called twice", "tk-1", role=Role.AGENT, visibility=Visibility.INTERNAL)
    digest = digest_of(topic("late", owns=False, quotes=(note,)))
    for render in (html, mail, markdown, text):
        shown = render(digest)
        assert "internal note, call" in shown
        assert "Followed; why you see it" in shown
