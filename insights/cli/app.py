"""The tree of commands, and the one place where an error becomes two lines and an exit status."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from insights import __version__
from insights.cli import ask, digests, feeds, learn, owners, register, stateless, talk, workspace
from insights.errors import InsightsError

app = typer.Typer(
    name="insights",
    help="Reads what customers say, finds what matters with the words that prove it, and tells the unit that owns it.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (workspace, feeds, stateless, ask, register, owners, digests, learn):
    part.add_to(app)

# These may stand anywhere on the line; they are moved to the front, where the program itself takes them.
_FLAGS = {"--quiet", "-q", "--debug", "-v", "--verbose"}
_VALUES = {"--workspace", "-w", "--log-format"}


@app.callback()
def common(
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace", "-w", envvar="INSIGHTS_WORKSPACE", help="Folder with insights.toml; found upwards from here otherwise."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summaries.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell more on stderr.")] = False,
    log_format: Annotated[str, typer.Option("--log-format", help="text or json: how stderr talks.")] = "text",
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Takes what every command understands; these options may stand anywhere on the line."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    if log_format not in {"text", "json"}:
        raise typer.BadParameter("expected text or json", param_hint="--log-format")
    talk.configure(workspace=workspace, quiet=quiet, verbose=verbose, as_json=log_format == "json", debug=debug)


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit status; an error is one line and a hint, never a traceback."""
    try:
        status = app(args=hoisted(list(arguments)), prog_name="insights", standalone_mode=True)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except InsightsError as error:
        return _told(error, error.problem, error.hint, error.exit_code)
    except KeyboardInterrupt:
        talk.say("interrupted; start the same command again and it goes on where it stopped")
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - the last net: a person gets a line, not a traceback
        problem = f"something unexpected happened: {type(error).__name__}"
        return _told(error, problem, "run it again with --debug and report what it shows", 2)
    return status if isinstance(status, int) else 0


def _told(error: Exception, problem: str, hint: str, status: int) -> int:
    if talk.debugging():
        traceback.print_exception(error, file=sys.stderr)
    talk.error(problem, hint)
    return status


def hoisted(arguments: list[str]) -> list[str]:
    """Moves the options every command understands to the front; what follows ``--`` stays where it is."""
    front: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(arguments):
        word = arguments[position]
        if word == "--":
            rest += arguments[position:]
            break
        if word in _FLAGS or (word.split("=", 1)[0] in _VALUES and "=" in word):
            front.append(word)
        elif word in _VALUES and position + 1 < len(arguments):
            front += arguments[position : position + 2]
            position += 1
        else:
            rest.append(word)
        position += 1
    return front + rest
