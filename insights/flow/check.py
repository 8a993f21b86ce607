"""All that can be said of a workspace's configuration before any work is done."""

from __future__ import annotations

from collections.abc import Mapping

from insights.classify.taxonomy import compile_taxonomy
from insights.config.load import SETTINGS_FILE, Loaded
from insights.config.models import CompetitorRule, ProductRule
from insights.config.toml import line_of
from insights.errors import ConfigError, Fault, InsightsError, UsageError, nearest
from insights.flow.corrections import check_corrections
from insights.flow.ingest import files_of
from insights.flow.prevalence import read_errors
from insights.flow.taxonomy import taxonomy_faults
from insights.flow.track import read_fixes
from insights.registry import find_model, read_manifest
from insights.route import check_ownership
from insights.senders import known as known_senders
from insights.senders import sender


def check_workspace(loaded: Loaded) -> list[Fault]:
    """Returns every fault and warning of taxonomy, ownership, destinations, sources and model, in the order of files and lines."""
    name = loaded.settings.taxonomy
    faults = [
        *taxonomy_faults(loaded, loaded.taxonomy, shown=name, lines=loaded.lines[name]),
        *ownership_faults(loaded),
        *_settings(loaded),
        *_fixes(loaded),
        *_errors(loaded),
        *check_corrections(loaded),
    ]
    return sorted(faults, key=lambda fault: (fault.file, fault.line, fault.key))


def ownership_faults(loaded: Loaded) -> list[Fault]:
    """Returns the faults of the ownership file beside the workspace's taxonomy; none where that cannot be read."""
    name = loaded.settings.ownership
    try:
        compiled = compile_taxonomy(loaded.taxonomy)
    except ConfigError:
        return []  # told by the taxonomy's own check
    return check_ownership(
        loaded.ownership,
        shown=name,
        lines=loaded.lines[name],
        topics={key: rule.kind for key, rule in loaded.taxonomy.topic.items()},
        products=_names(loaded.taxonomy.product),
        competitors=_names(loaded.taxonomy.competitor),
        product_key=compiled.product_key,
        competitor_key=compiled.competitor_key,
    )


def _names(rules: Mapping[str, ProductRule] | Mapping[str, CompetitorRule]) -> set[str]:
    """What an ownership rule may call a product or a competitor: its key, its label, an alias."""
    return {name for key, rule in rules.items() for name in (key, rule.label, *rule.aliases)}


def _settings(loaded: Loaded) -> list[Fault]:
    lines = loaded.lines[SETTINGS_FILE]
    faults: list[Fault] = []
    for name, destination in loaded.settings.destination.items():
        path = ("destination", name)
        line = line_of(dict(lines), path)
        if destination.type not in known_senders():
            hint = nearest(destination.type, known_senders())
            faults.append(Fault(SETTINGS_FILE, line, f"destination.{name}.type", f'no sender named "{destination.type}"', hint))
        else:
            faults += [
                Fault(SETTINGS_FILE, line, f"destination.{name}", problem) for problem in sender(destination.type).check(destination)
            ]
    if loaded.ownership.triage not in loaded.ownership.unit:
        problem = f'no unit named "{loaded.ownership.triage}": what no rule matches would reach nobody'
        line = line_of(dict(loaded.lines[loaded.settings.ownership]), ("triage",))
        faults.append(Fault(loaded.settings.ownership, line, "triage", problem, nearest(loaded.ownership.triage, loaded.ownership.unit)))
    known = loaded.settings.destination
    for unit, rule in loaded.ownership.unit.items():
        line = line_of(dict(loaded.lines[loaded.settings.ownership]), ("unit", unit, "destinations"))
        for wanted in (wanted for wanted in rule.destinations if wanted not in known):
            problem = f'no destination named "{wanted}" in {SETTINGS_FILE}'
            faults.append(Fault(loaded.settings.ownership, line, f"unit.{unit}.destinations", problem, nearest(wanted, known)))
    faults += _sources(loaded)
    try:
        read_manifest(find_model(loaded.settings.classify.model, workspace=loaded.root))
    except InsightsError as error:
        faults.append(Fault(SETTINGS_FILE, lines.get(("classify", "model"), 0), "classify.model", error.problem, error.hint))
    return faults


def _fixes(loaded: Loaded) -> list[Fault]:
    """Faults of the file of fixes; ids of discovered topics are accepted as they are, for only the store knows them."""
    name = loaded.settings.track.fixes
    if not name:
        return []
    try:
        read_fixes(loaded, lambda topic: topic if topic in loaded.taxonomy.topic or topic.startswith("T-") else None)
    except ConfigError as error:
        return list(error.faults)
    except InsightsError as error:
        return [Fault(SETTINGS_FILE, line_of(dict(loaded.lines[SETTINGS_FILE]), ("track", "fixes")), "track.fixes", error.problem)]
    return []


def _errors(loaded: Loaded) -> list[Fault]:
    """The fault of the file of measured errors."""
    name = loaded.settings.track.errors
    try:
        if name:
            read_errors(loaded.root / name)
    except InsightsError as error:
        line = line_of(dict(loaded.lines[SETTINGS_FILE]), ("track", "errors"))
        return [Fault(SETTINGS_FILE, line, "track.errors", error.problem, error.hint)]
    return []


def _sources(loaded: Loaded) -> list[Fault]:
    lines = loaded.lines[SETTINGS_FILE]
    faults: list[Fault] = []
    for index, source in enumerate(loaded.settings.source):
        line = lines.get(("source", index, "path"), 0)
        try:
            found = files_of(loaded.root, source.path)
        except UsageError as error:
            faults.append(Fault(SETTINGS_FILE, line, f"source.{index}.path", error.problem, error.hint))
        else:
            if not found:
                faults.append(Fault(SETTINGS_FILE, line, f"source.{index}.path", f"nothing at {source.path}", "correct the path"))
    return faults
