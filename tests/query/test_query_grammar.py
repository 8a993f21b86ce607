"""The search grammar: text to tree and back, and mistakes told with their place."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insights.domain import AllOf, AnyOf, FieldMatch, Not, QueryNode, Words
from insights.errors import UsageError
from insights.query import FIELDS, QueryError, parse, unparse
from insights.query.lexer import MAX_CHARACTERS
from insights.query.parser import MAX_DEPTH, MAX_TERMS
from insights.store.predicates import FIELD_NAMES


def is_(field: str, *values: str, op: str = "=") -> FieldMatch:
    return FieldMatch(field, op, values)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", AllOf(())),
        ("  \n\t ", AllOf(())),
        ("refund", Words("refund")),
        ("refund*", Words("refund", prefix=True)),
        ('"late refund"', Words("late refund")),
        ('"late ref"*', Words("late ref", prefix=True)),
        (r'"say \"hello\" \\ x"', Words(r'say "hello" \ x')),
        ("late refund", AllOf((Words("late"), Words("refund")))),
        ("e-mail 10:30 a/b", AllOf((Words("e-mail"), Words("10:30"), Words("a/b")))),
        ("or and not near", AllOf((Words("or"), Words("and"), Words("not"), Words("near")))),
        ('"OR"', Words("OR")),
        ("-refund", Not(Words("refund"))),
        ("--refund", Not(Not(Words("refund")))),
        ("-kind:testimonial", Not(is_("kind", "testimonial"))),
        ('-"late refund"', Not(Words("late refund"))),
        ("kind:product_issue,testimonial", is_("kind", "product_issue", "testimonial")),
        ("KIND:Product_Issue", is_("kind", "product_issue")),
        ("kind:pro*", is_("kind", "pro*")),
        ("owner:billing", is_("owner", "billing")),
        ('topic:"Late refund",T-0001', is_("topic", "Late refund", "T-0001")),
        ("meta.Region:West", is_("meta.Region", "West")),
        ("meta.url:http://x?a=b", is_("meta.url", "http://x?a=b")),
        ("severity:>=high", is_("severity", "high", op=">=")),
        ("severity:<HIGH", is_("severity", "high", op="<")),
        ("severity:low..high", is_("severity", "low", "high", op="..")),
        ("confidence:>.5", is_("confidence", ".5", op=">")),
        ("confidence:0.5..", is_("confidence", "0.5", "", op="..")),
        ("confidence:...9", is_("confidence", "", ".9", op="..")),
        ("on:2026-W10..2026-W12", is_("on", "2026-W10", "2026-W12", op="..")),
        ("since:30d until:yesterday", AllOf((is_("since", "30d"), is_("until", "yesterday")))),
        ("source:a..b", is_("source", "a..b")),
        ('subject:">=x"', is_("subject", ">=x")),
        ("a OR b", AnyOf((Words("a"), Words("b")))),
        ("a b OR c", AnyOf((AllOf((Words("a"), Words("b"))), Words("c")))),
        ("a (b OR c)", AllOf((Words("a"), AnyOf((Words("b"), Words("c")))))),
        ("a OR b OR (c OR d)", AnyOf((Words("a"), Words("b"), Words("c"), Words("d")))),
        ("((a)) (b c)", AllOf((Words("a"), Words("b"), Words("c")))),
        ("-(a b)", Not(AllOf((Words("a"), Words("b"))))),
        ("-(a OR b) c", AllOf((Not(AnyOf((Words("a"), Words("b")))), Words("c")))),
        ('a"b c"(d)e', AllOf((Words("a"), Words("b c"), Words("d"), Words("e")))),
    ],
)
def test_text_becomes_a_tree_and_comes_back(text: str, tree: QueryNode) -> None:
    """Every form of the grammar, and writing the tree out gives a search for the same tree."""
    assert parse(text) == tree
    assert parse(unparse(tree)) == tree


@pytest.mark.parametrize(
    ("text", "place", "problem", "hint"),
    [
        ("knid:x", (0, 4), 'no field "knid"', 'did you mean "kind"?'),
        ("refund http://x", (7, 11), 'no field "http"', "put it in quotes"),
        ("late kind:prodct_issue", (10, 22), 'kind knows no "prodct_issue"', 'did you mean "product_issue"?'),
        ("kind:x*", (5, 7), "kind knows no", "known: "),
        ("is:undecidd", (3, 11), "is knows no", 'did you mean "undecided"?'),
        ("severity:>=hi*", (11, 14), "severity knows no", "high"),
        ("kind:", (0, 5), "a value is missing", "right after the colon"),
        ("kind: x", (0, 5), "a value is missing", "right after the colon"),
        ("kind:testimonial,", (0, 17), "a value is missing", "right after the colon"),
        ('owner:""', (6, 8), "value of owner is empty", "leave it out"),
        ("kind:>x", (0, 7), "cannot be compared with >", "severity, confidence"),
        ("since:>=2026", (0, 12), "cannot be compared", "since: and until:"),
        ("severity:>low,high", (0, 18), "takes one value", "severity"),
        ("severity:..", (9, 11), "at least one end", "severity:a..b"),
        ("confidence:much", (11, 15), "confidence knows no", "a number"),
        ("confidence:1e9", (11, 14), "confidence knows no", "a number"),
        ("since:soon", (6, 10), "since knows no", "30d"),
        ("since:1d,2d", (6, 11), "takes one value", "joined by OR"),
        ("since:1d..2d", (6, 12), "since knows no", "30d"),
        ("(a", (0, 1), "never closed", "close it"),
        ("a (", (2, 3), "never closed", "close it"),
        ("a)", (1, 2), "never opened", "take it away"),
        ("a ()", (3, 4), "nothing inside the brackets", "take them away"),
        ("a OR", (2, 4), "missing beside OR", '"or"'),
        ("OR a", (0, 2), "missing beside OR", '"or"'),
        ("a OR OR b", (2, 4), "missing beside OR", '"or"'),
        ("(OR a)", (1, 3), "missing beside OR", '"or"'),
        ("a AND b", (2, 5), "AND is not needed", "side by side"),
        ("a NOT b", (2, 5), "NOT is not needed", "minus"),
        ("a -", (2, 3), "nothing follows the minus", "-refund"),
        ("-OR", (0, 1), "nothing follows the minus", "-refund"),
        ("(a -)", (3, 4), "nothing follows the minus", "-refund"),
        ('a "b', (2, 4), "not closed", 'close it with "'),
        ('"a\\"', (0, 4), "not closed", 'close it with "'),
        ("re*und", (0, 6), "only at the end", "re*"),
        ("*", (0, 1), "no letter or digit", "a word"),
        ("!!!", (0, 3), "no letter or digit", "a word"),
        ('""', (0, 2), "no letter or digit", "a word"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_mend(text: str, place: tuple[int, int], problem: str, hint: str) -> None:
    """The caret line marks exactly what is wrong; the hint says what to type."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert isinstance(error, UsageError)
    assert problem in error.problem
    assert hint in error.hint
    assert (error.start, error.end) == place
    head, shown, caret = error.problem.split("\n")
    assert head.endswith(f"at character {place[0] + 1}")
    assert shown == "  " + text
    assert caret == "  " + " " * place[0] + "^" * (place[1] - place[0])


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "(" * (MAX_DEPTH + 2) + "a" + ")" * (MAX_DEPTH + 2),
        "-" * 3000 + "a",
        "a " * (MAX_TERMS + 1),
        "id:" + "a," * MAX_TERMS + "a",
        "a" * 5000,
    ],
)
def test_a_search_beyond_all_bounds_is_refused_not_suffered(text: str) -> None:
    """Depth, number of terms and length have an end, so that no search exhausts the reader or the store."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert max(map(len, caught.value.problem.split("\n"))) < 200


def test_searches_within_the_bounds_are_read() -> None:
    """The bounds are far beyond what people type."""
    parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    assert len(parse("a " * MAX_TERMS).children) == MAX_TERMS  # type: ignore[union-attr]
    parse("a" * MAX_CHARACTERS)


def test_the_place_is_shown_in_a_long_search_too() -> None:
    """The line is cut around the mistake, and what cannot be printed does not move the caret."""
    text = "refund\x1b\n" * 100 + "knid:x"
    with pytest.raises(QueryError) as caught:
        parse(text)
    _, shown, caret = caught.value.problem.split("\n")
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "knid"
    assert shown.isprintable()


def test_the_grammar_knows_the_fields_the_store_can_answer() -> None:
    """No field is offered that cannot be searched, none can be searched that is not offered."""
    assert set(FIELDS) == FIELD_NAMES


PIECES = st.sampled_from(
    [
        *(f"{name}:" for name in FIELDS),
        "meta.x:",
        "OR",
        "AND",
        "-",
        "(",
        ")",
        '"',
        "*",
        ",",
        "..",
        ">=",
        "<",
        " ",
        " ",
        "\\",
        "high",
        "30d",
        "0.5",
        "2026-W10",
        "refund",
        "é",
        "\x00",
        "\ud800",
    ]
)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=12).map("".join)))
@example('severity:"low..high"')
@example('confidence:"..",x')
def test_any_text_is_a_tree_or_a_query_error(text: str) -> None:
    """Nothing people type raises anything else, and what can be read can be written and read again."""
    read = _tree_or_error(text)
    if isinstance(read, QueryError):
        assert read.hint
        assert 0 <= read.start < max(1, read.end) <= max(1, len(text))
        assert read.problem.count("\n") == 2
    else:
        assert parse(unparse(read)) == read


def _tree_or_error(text: str) -> QueryNode | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


WORDS = st.builds(Words, st.text(min_size=1, max_size=8).map(lambda text: text + "a"), st.booleans())
VALUES = st.text(min_size=1, max_size=8).filter(lambda value: value.strip() != "")
FIELD_LEAVES = st.one_of(
    st.builds(lambda values: FieldMatch("subject", "=", tuple(values)), st.lists(VALUES, min_size=1, max_size=3)),
    st.builds(lambda value: FieldMatch("meta.x-1", "=", (value,)), VALUES),
    st.sampled_from(
        [is_("kind", "testimonial", "pro*"), is_("severity", "low", op=">"), is_("confidence", "", ".5", op=".."), is_("on", "2026-W10")]
    ),
)


def _joined(type_: type[AllOf] | type[AnyOf], children: list[QueryNode]) -> QueryNode:
    return type_(tuple(leaf for child in children for leaf in (child.children if isinstance(child, type_) else (child,))))


TREES: st.SearchStrategy[QueryNode] = st.recursive(
    st.one_of(WORDS, FIELD_LEAVES),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(_joined, st.sampled_from([AllOf, AnyOf]), st.lists(inner, min_size=2, max_size=4)),
    ),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(TREES)
def test_every_tree_has_a_search(tree: QueryNode) -> None:
    """Whatever words and values it holds."""
    assert parse(unparse(tree)) == tree
