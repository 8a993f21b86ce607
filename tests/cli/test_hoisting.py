"""The options every command understands may stand anywhere on the line."""

import pytest

from insights.cli.app import hoisted


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        (["run", "--quiet"], ["--quiet", "run"]),
        (["run", "--workspace", "w", "daily"], ["--workspace", "w", "run", "daily"]),
        (["query", "x", "--workspace=w"], ["--workspace=w", "query", "x"]),
        (["query", "--", "--quiet"], ["query", "--", "--quiet"]),
        (["run", "--from", "digest"], ["run", "--from", "digest"]),
        (["run", "--workspace"], ["run", "--workspace"]),
    ],
)
def test_common_options_move_to_the_front(given, moved):
    """Options of the program move before the command; the command's own stay, and so does all after two dashes."""
    assert hoisted(given) == moved
