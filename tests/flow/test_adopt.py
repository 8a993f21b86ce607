"""Adopting a taxonomy and going back: whole files, kept for ever, nothing where there is a fault."""

import stat
from datetime import UTC, datetime

import pytest
from small_company import TAXONOMY, company

from insights.config.load import load
from insights.errors import ConfigError, NotFoundError, StoreError, UsageError
from insights.flow.adopt import HISTORY, adopt, kept_taxonomy, roll_back, version_of, versions
from insights.flow.taxonomy import read_taxonomy

AT = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
SECOND = TAXONOMY + "\n# with a remark\n"
THIRD = TAXONOMY.replace("Wifi drops", "Wifi fails")


@pytest.fixture
def root(tmp_path):
    return company(tmp_path / "w", 1)


def put(root, text, **said):
    """Adopts a text."""
    path = root.parent / "new.toml"
    path.write_bytes(text.encode())
    return adopt(load(root), read_taxonomy(path), **{"by": "lead", "note": "", "at": AT, **said})


def back(root, number=None):
    return roll_back(load(root), number, by="lead", note="", at=AT)


def present(root):
    return (root / "taxonomy.toml").read_bytes()


def test_adopting_replaces_the_file_and_keeps_the_one_before(root):
    """The new bytes are in force, the old ones are version 1, and the log says who, when and why."""
    old = present(root)
    version = put(root, SECOND, note="a remark")
    assert present(root) == SECOND.encode()
    assert (root / HISTORY / "0001.toml").read_bytes() == old
    assert [(one.number, one.action, one.by, one.note) for one in versions(root)] == [
        (1, "found", "", ""),
        (2, "adopted", "lead", "a remark"),
    ]
    assert version == version_of(root, 2)
    assert version.at == "2026-04-01T09:30:00Z"
    assert kept_taxonomy(root, 1).content == old


def test_rolling_back_restores_the_same_bytes(root):
    """Without a number the version before, with one that version; each is a version of its own."""
    first = present(root)
    put(root, SECOND)
    put(root, THIRD)
    assert (back(root).restores, present(root)) == (2, SECOND.encode())
    assert (back(root).restores, present(root)) == (1, first)
    assert (back(root, 3).restores, present(root)) == (3, THIRD.encode())
    assert [one.number for one in versions(root)] == [1, 2, 3, 4, 5, 6]


def test_line_ends_and_marks_survive(root):
    """Bytes are kept as they are: carriage returns, a byte order mark, no last newline."""
    odd = ("\ufeff" + TAXONOMY.replace("\n", "\r\n")).rstrip()
    path = root / "taxonomy.toml"
    path.write_bytes(odd.encode())
    put(root, SECOND)
    back(root)
    assert path.read_bytes() == odd.encode()


def test_what_was_edited_by_hand_is_not_lost(root):
    """A file changed outside is kept as a version before it is replaced, and going back leads to what stood before it."""
    put(root, SECOND)
    (root / "taxonomy.toml").write_text(THIRD)
    put(root, TAXONOMY + "\n# later\n")
    assert [one.action for one in versions(root)] == ["found", "adopted", "edited by hand", "adopted"]
    assert back(root).restores == 3
    assert present(root) == THIRD.encode()


REFUSED = [
    (TAXONOMY.replace('"wifi drops"]', '"wifi drops", "*"]'), "has no word"),
    (TAXONOMY.replace('"wifi drops"]', '"wifi (drops)"]'), "regular expression"),
    (TAXONOMY.replace('"wifi drops"]', '{LEMMA = "drop"}]'), "trained spaCy pipeline"),
    (TAXONOMY.replace('match = ["The wifi', 'match = ["The lamp'), "not recognised"),
    (TAXONOMY + '[product.a]\nlabel = "Box"\n[competitor.b]\nlabel = "box"\n', "also a name of product.a"),
    (TAXONOMY.replace("wifi_drops]", 'wifi_drops]\nowner = "hubb"'), 'no unit named "hubb"'),
    (TAXONOMY.replace("refund_late", "money_late"), 'unknown topic "refund_late"'),
    (TAXONOMY.replace("label", "lable"), "unknown key"),
    ("[topic", "not valid TOML"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_a_taxonomy_with_a_fault_is_refused_and_nothing_changes(root, text, says):
    """The fault is told with its line, the file in force stays, no version is made."""
    before = present(root)
    with pytest.raises(ConfigError, match="fault") as caught:
        put(root, text)
    assert any(says in str(fault) and fault.line for fault in caught.value.faults)
    assert present(root) == before
    assert not (root / HISTORY).exists()


def test_warnings_and_older_faults_do_not_stand_in_the_way(root):
    """Only faults the taxonomy brings are its own: a phrase that decides nothing, or a rule that was wrong before, is none."""
    ownership = root / "ownership.toml"
    ownership.write_text(ownership.read_text() + '\n[[rule]]\ntopic = "unheard"\nowner = "care"\n')
    assert put(root, TAXONOMY.replace('"wifi drops"]', '"wifi drops", "my wifi drops out", "wifi drops out"]')).number == 2


def test_what_cannot_be_gone_back_to_is_said(root):
    """No version before, no such number, the one in force, a version somebody changed, a damaged log."""
    with pytest.raises(NotFoundError, match="no earlier"):
        back(root)
    put(root, SECOND)
    with pytest.raises(NotFoundError, match="no version 9"):
        back(root, 9)
    with pytest.raises(UsageError, match="in force already"):
        back(root, 2)
    with pytest.raises(UsageError, match="in force already"):
        put(root, SECOND)
    (root / HISTORY / "0001.toml").write_text("")
    with pytest.raises(StoreError, match="not what was kept"):
        back(root)
    (root / HISTORY / "log.jsonl").write_text("{}\n")
    with pytest.raises(StoreError, match="damaged"):
        versions(root)
    assert present(root) == SECOND.encode()


def test_a_run_that_breaks_off_loses_nothing(root, monkeypatch):
    """Where the log cannot be written any more, the next call finds the file as it is and keeps it."""
    from insights.flow import adopt as module

    put(root, SECOND)
    monkeypatch.setattr(module, "_log", lambda *_: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(UsageError, match="no space left"):
        put(root, THIRD)
    monkeypatch.undo()
    assert present(root) == THIRD.encode()
    back(root)
    assert present(root) == SECOND.encode()
    assert [one.action for one in versions(root)][-2:] == ["edited by hand", "rolled back"]


def test_the_file_keeps_its_permissions_and_no_part_is_left(root):
    """A replaced file may be read by whom it could be read before; nothing half-written lies about."""
    (root / "taxonomy.toml").chmod(0o640)
    put(root, SECOND)
    assert stat.S_IMODE((root / "taxonomy.toml").stat().st_mode) == 0o640
    assert not list(root.rglob("*.part"))
