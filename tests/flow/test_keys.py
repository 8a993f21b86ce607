"""The workspace's key is made once, for its owner alone, and turns customers into stable pseudonyms."""

import pytest

from insights.errors import UsageError
from insights.flow import keys


def test_the_key_is_made_once_with_mode_600(tmp_path):
    """The second call reads what the first one made, and nobody else may read it."""
    first = keys.workspace_key(tmp_path)
    assert keys.workspace_key(tmp_path) == first
    assert (tmp_path / keys.KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_key_others_may_read_is_refused(tmp_path):
    """A readable key file stops the work and says how to mend it."""
    keys.workspace_key(tmp_path)
    (tmp_path / keys.KEY_FILE).chmod(0o644)
    with pytest.raises(UsageError) as caught:
        keys.workspace_key(tmp_path)
    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize("content", ["", "zz", "00ff"])
def test_a_damaged_key_is_refused(tmp_path, content):
    """An empty, foreign or short key is refused: another key would split every customer in two."""
    (tmp_path / keys.KEY_FILE).write_text(content)
    (tmp_path / keys.KEY_FILE).chmod(0o600)
    with pytest.raises(UsageError):
        keys.workspace_key(tmp_path)


def test_a_pseudonym_is_stable_keyed_and_idempotent():
    """Case and blanks do not matter, the key does, and a pseudonym is its own pseudonym."""
    one = keys.pseudonym(" Cust-77 ", b"k" * 32)
    assert one == keys.pseudonym("cust-77", b"k" * 32)
    assert one != keys.pseudonym("cust-77", b"l" * 32)
    assert keys.pseudonym(one, b"l" * 32) == one
