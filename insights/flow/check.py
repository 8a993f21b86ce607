"""All that can be said of a workspace's configuration before any work is done."""

from __future__ import annotations

from insights.classify.taxonomy import check_taxonomy, compile_taxonomy
from insights.config.load import SETTINGS_FILE, Loaded
from insights.config.toml import line_of
from insights.errors import ConfigError, Fault, InsightsError, nearest
from insights.registry import find_model, read_manifest
from insights.route import check_ownership
from insights.senders import SENDERS, sender


def check_workspace(loaded: Loaded) -> list[Fault]:
    """Returns every fault of taxonomy, ownership, destinations, sources and model, in the order of files and lines."""
    faults = [*_taxonomy(loaded), *_ownership(loaded), *_settings(loaded)]
    return sorted(faults, key=lambda fault: (fault.file, fault.line, fault.key))


def _taxonomy(loaded: Loaded) -> list[Fault]:
    name = loaded.settings.taxonomy
    try:
        compiled = compile_taxonomy(loaded.taxonomy, shown=name, lines=loaded.lines[name])
    except ConfigError as error:
        return list(error.faults)
    return check_taxonomy(loaded.taxonomy, compiled, shown=name, lines=loaded.lines[name])


def _ownership(loaded: Loaded) -> list[Fault]:
    name = loaded.settings.ownership
    return check_ownership(
        loaded.ownership,
        shown=name,
        lines=loaded.lines[name],
        topics=loaded.taxonomy.topic,
        products=loaded.taxonomy.product,
        competitors=loaded.taxonomy.competitor,
    )


def _settings(loaded: Loaded) -> list[Fault]:
    lines = loaded.lines[SETTINGS_FILE]
    faults: list[Fault] = []
    for name, destination in loaded.settings.destination.items():
        path = ("destination", name)
        line = line_of(dict(lines), path)
        if destination.type not in SENDERS:
            hint = nearest(destination.type, SENDERS)
            faults.append(Fault(SETTINGS_FILE, line, f"destination.{name}.type", f'no sender named "{destination.type}"', hint))
        else:
            faults += [
                Fault(SETTINGS_FILE, line, f"destination.{name}", problem) for problem in sender(destination.type).check(destination)
            ]
    known = loaded.settings.destination
    for unit, rule in loaded.ownership.unit.items():
        line = line_of(dict(loaded.lines[loaded.settings.ownership]), ("unit", unit, "destinations"))
        unknown = [destination for destination in rule.destinations if destination not in known]
        for destination in unknown:
            problem = f'no destination named "{destination}" in {SETTINGS_FILE}'
            faults.append(Fault(loaded.settings.ownership, line, f"unit.{unit}.destinations", problem, nearest(destination, known)))
    faults += _sources(loaded)
    try:
        read_manifest(find_model(loaded.settings.classify.model, workspace=loaded.root))
    except InsightsError as error:
        faults.append(Fault(SETTINGS_FILE, lines.get(("classify", "model"), 0), "classify.model", error.problem, error.hint))
    return faults


def _sources(loaded: Loaded) -> list[Fault]:
    lines = loaded.lines[SETTINGS_FILE]
    faults: list[Fault] = []
    for index, source in enumerate(loaded.settings.source):
        if not (loaded.root / source.path).exists() and not list(loaded.root.glob(source.path)):
            line = lines.get(("source", index, "path"), 0)
            faults.append(Fault(SETTINGS_FILE, line, f"source.{index}.path", f"nothing at {source.path}", "correct the path"))
    return faults
