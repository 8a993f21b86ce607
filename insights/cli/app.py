"""The tree of commands, and the one place where an error becomes two lines and an exit status."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from insights import __version__
from insights.cli import ask, corrections, digests, feeds, learn, owners, register, stateless, talk, taxonomy, workspace
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
for part in (workspace, feeds, stateless, ask, corrections, register, owners, digests, taxonomy, learn):
    part.add_to(app)

# These may stand anywhere on the line; they are moved to the front, where the program itself takes them.
_FLAGS = {"--quiet", "-q", "--debug", "-v", "--verbose"}
_VALUES = {"--workspace", "-w", "--log-format"}

# Everything Typer says of a command line it cannot take is one of these.
_MISUSED: type[Exception] = typer.BadParameter.__mro__[2]
_INTERRUPTED = 130


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


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
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Print the version and leave.")] = False,
) -> None:
    """Takes what every command understands; these options may stand anywhere on the line."""
    del version  # its own callback has told it and left
    if log_format not in {"text", "json"}:
        raise typer.BadParameter("expected text or json", param_hint="--log-format")
    talk.configure(workspace=workspace, quiet=quiet, verbose=verbose, as_json=log_format == "json", debug=debug)


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit status; an error is one line and a hint, never a traceback."""
    # Until the line is understood, an error about the line itself is told as the line asks.
    talk.configure(workspace=None, quiet=False, verbose=False, as_json=_asks_for_json(arguments), debug="--debug" in arguments)
    try:
        status = app(args=hoisted(list(arguments)), prog_name="insights", standalone_mode=False)
        sys.stdout.flush()
    except InsightsError as error:
        return _told(error, error.problem, error.hint, error.exit_code)
    except _MISUSED as error:
        return _misused(error)
    except SystemExit as leaving:
        # Typer leaves with 1 when whoever read our output has had enough of it.
        closed = isinstance(leaving.__context__, BrokenPipeError)
        return 0 if closed else leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except KeyboardInterrupt:
        status = _INTERRUPTED
    except BrokenPipeError:
        return 0
    except OSError as error:
        return _told(error, _of_the_system(error), "check the path, its permissions, and the space left", 2)
    except OverflowError as error:
        return _told(error, "a date is too far away to reckon with", "name a day of the years your data are from", 2)
    except Exception as error:  # noqa: BLE001 - the last net: a person gets a line, not a traceback
        problem = f"something unexpected happened: {type(error).__name__}"
        return _told(error, problem, "run it again with --debug and report what it shows", 2)
    if status == _INTERRUPTED:
        talk.say("interrupted; start the same command again and it goes on where it stopped")
    return status if isinstance(status, int) else 0


def _asks_for_json(arguments: Sequence[str]) -> bool:
    line = " ".join(arguments)
    return "--log-format json" in line or "--log-format=json" in line


def _misused(error: Exception) -> int:
    """Tells what is wrong with the command line itself."""
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error}\n")
        return 2
    context = getattr(error, "ctx", None)
    told = getattr(error, "format_message", error.__str__)()
    problem = " ".join(str(told).split()).rstrip(".")
    return _told(error, problem[:1].lower() + problem[1:], f"see {context.command_path if context else 'insights'} --help", 2)


def _of_the_system(error: OSError) -> str:
    reason = (error.strerror or type(error).__name__).lower()
    return f"{error.filename}: {reason}" if isinstance(error.filename, str) else f"reading or writing failed: {reason}"


def _told(error: Exception, problem: str, hint: str, status: int) -> int:
    if talk.debugging():
        traceback.print_exception(error, file=sys.stderr)
    talk.error(problem, hint or "see insights --help")
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
