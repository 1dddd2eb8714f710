"""Cleaning takes what has expired and nothing else; a dry run takes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_nodeapi.cli.clean import CleanApp

LONG_AGO = 1_000_000_000


@pytest.fixture
def results(jp_environ: None, jp_data_dir: Path) -> Path:
    folder = jp_data_dir / "nodeapi" / "temp" / "AudioTrim"
    folder.mkdir(parents=True)
    for name, when in {"old.wav": LONG_AGO, "new.wav": None}.items():
        (folder / name).write_bytes(b"sound")
        os.utime(folder / name, (when, when) if when else None)
    return folder


def clean(*, dry_run: bool = False) -> int:
    with pytest.raises(SystemExit) as ended:
        CleanApp(dry_run=dry_run).start()
    code = ended.value.code
    assert isinstance(code, int)
    return code


def test_what_has_expired_goes_and_the_rest_stays(results: Path) -> None:
    assert clean() == 0
    assert [path.name for path in results.iterdir()] == ["new.wav"]


def test_a_dry_run_names_it_and_leaves_it(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean(dry_run=True) == 0
    assert "old.wav" in capsys.readouterr().out
    assert (results / "old.wav").exists()


def test_without_anything_there_is_nothing_to_do(jp_environ: None, jp_data_dir: Path) -> None:
    assert clean() == 0


def test_what_cannot_be_swept_is_told_and_the_rest_is_swept(
    results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, *, dry_run: bool) -> list[str]:
        raise PermissionError(13, "no", "/secret/place")

    monkeypatch.setattr("jupyter_nodeapi.files.library.Library.sweep", broken)
    assert clean() == 1
    told = capsys.readouterr()
    assert "permission" in told.err
    assert "/secret" not in told.err
    assert not (results / "old.wav").exists()
