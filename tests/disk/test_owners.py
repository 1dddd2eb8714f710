"""A folder belongs to who first wrote into it."""

import pytest

from jupyter_nodeapi.disk import owners
from jupyter_nodeapi.errors import NotFound


def test_the_first_claimant_owns_the_folder(tmp_path):
    owners.claim(tmp_path / "s", "ada")
    owners.claim(tmp_path / "s", "ada")
    owners.check(tmp_path / "s", "ada")


def test_to_others_the_folder_does_not_exist(tmp_path):
    owners.claim(tmp_path / "s", "ada")
    for action in (owners.claim, owners.check):
        with pytest.raises(NotFound):
            action(tmp_path / "s", "bob")


def test_the_only_user_owns_everything_and_leaves_no_trace(tmp_path):
    owners.claim(tmp_path / "s", "")
    assert list((tmp_path / "s").iterdir()) == []
    owners.check(tmp_path / "s", "")


def test_a_folder_that_nobody_claimed_is_everybodys(tmp_path):
    owners.check(tmp_path, "ada")
    owners.check(tmp_path / "missing", "ada")
