"""A shared models folder that will not work for all says so, with the command that puts it right."""

from __future__ import annotations

import os
import stat

import pytest

from jupyter_nodeapi.models import sharing
from jupyter_nodeapi.models.sharing import advise

TEAM = 0o2775


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A folder of a team: the group is not this user's alone."""
    folder = tmp_path / "the models"
    (folder / ".nodeapi" / "partial").mkdir(parents=True)
    (folder / "Cat").mkdir()
    folder.chmod(TEAM)
    monkeypatch.setattr(sharing, "_private", lambda gid: False)
    monkeypatch.setattr(sharing, "_group", lambda gid: "team")
    return folder


def fixes(folder, umask=0o002):
    return [advice.fix for advice in advise(folder, umask)]


def test_a_team_folder_with_the_teams_umask_is_well(store):
    assert fixes(store) == []


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o2755])
def test_a_folder_that_only_one_may_write_is_no_shared_one(store, mode):
    store.chmod(mode)
    assert fixes(store, umask=0o077) == []


def test_a_folder_of_a_group_of_one_is_no_shared_one(store, monkeypatch):
    monkeypatch.setattr(sharing, "_private", lambda gid: True)
    store.chmod(0o775)
    assert fixes(store, umask=0o022) == []


def test_a_folder_that_is_not_there_is_none(tmp_path):
    assert fixes(tmp_path / "no") == []


@pytest.mark.parametrize(
    ("mode", "umask", "word"),
    [
        (0o775, 0o002, "chmod g+rwxs"),
        (0o3775, 0o002, "chmod -t"),
        (0o2775, 0o022, "setfacl -R -m g:team:rwX,d:g:team:rwx"),
    ],
)
def test_each_fault_names_its_command_with_the_folder(store, mode, umask, word):
    store.chmod(mode)
    (fix,) = fixes(store, umask)
    assert word in fix
    assert f"'{store}'" in fix


def test_a_default_acl_makes_up_for_the_umask(store, monkeypatch):
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"acl", raising=False)
    assert fixes(store, umask=0o022) == []


def test_folders_that_somebody_made_for_himself_are_counted(store, monkeypatch):
    access = os.access
    closed = {store / "Cat", store / ".nodeapi" / "partial"}
    monkeypatch.setattr(os, "access", lambda path, mode: path not in closed and access(path, mode))
    (advice,) = advise(store, 0o002)
    assert "2 folders" in advice.message
    assert advice.fix.startswith("chgrp -R team ")


def test_the_fix_of_the_group_bit_works(store):
    store.chmod(0o775)
    (fix,) = fixes(store)
    assert os.system(fix) == 0
    assert fixes(store) == []
    assert (store / "Cat").stat().st_mode & stat.S_ISGID
