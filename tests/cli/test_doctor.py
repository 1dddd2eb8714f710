"""The doctor finds what is broken and says what to do; it never changes anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from jupyter_nodeapi.cli import checks, kernels
from jupyter_nodeapi.cli.checks import CHECKS, Finding
from jupyter_nodeapi.cli.doctor import DoctorApp
from jupyter_nodeapi.cli.settings import configured


@pytest.fixture
def doctor(jp_environ: None) -> DoctorApp:
    return DoctorApp()


def ask(check: Any, **settings: dict[str, Any]) -> list[Finding]:
    config = Config(settings)
    return list(check(configured(config), config))


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.message.split(":")[0]: finding.level for finding in findings}


def test_whatever_is_not_well_says_what_to_do(doctor: DoctorApp) -> None:
    findings, _ = doctor.look()
    assert {finding.topic for finding in findings} >= {
        "versions",
        "extension",
        "folders",
        "disk",
        "ffmpeg",
        "hub",
    }
    assert [finding for finding in findings if finding.level != "ok" and not finding.hint] == []


def test_looking_changes_nothing(doctor: DoctorApp, jp_data_dir: Path) -> None:
    before = sorted(jp_data_dir.rglob("*"))
    doctor.look()
    assert sorted(jp_data_dir.rglob("*")) == before


def test_a_file_that_cannot_be_read_is_told_and_ends_with_two(doctor: DoctorApp, jp_config_dir: Path) -> None:
    jp_config_dir.mkdir(parents=True, exist_ok=True)
    (jp_config_dir / "jupyter_server_config.py").write_text("c.NodeApiApp.data_dir = (")
    findings, code = doctor.look()
    assert code == 2
    assert [finding.topic for finding in findings] == ["settings"]


def test_a_setting_of_the_wrong_type_is_told(doctor: DoctorApp, jp_config_dir: Path) -> None:
    jp_config_dir.mkdir(parents=True, exist_ok=True)
    (jp_config_dir / "jupyter_server_config.json").write_text(
        '{"NodeApiApp": {"disk_reserve_bytes": "much"}}'
    )
    assert doctor.look()[1] == 2


def test_json_is_one_object(doctor: DoctorApp, capsys: pytest.CaptureFixture[str]) -> None:
    doctor.json = True
    doctor.tell([Finding("disk", "problem", "full", "free some")], 1)
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert report["findings"] == [
        {"topic": "disk", "level": "problem", "message": "full", "hint": "free some"}
    ]


def test_lines_for_people_carry_the_hint(doctor: DoctorApp, capsys: pytest.CaptureFixture[str]) -> None:
    doctor.tell([Finding("disk", "problem", "full", "free some")], 1)
    assert "-> free some" in capsys.readouterr().out


@pytest.mark.slow
def test_the_exit_code_is_the_documented_one() -> None:
    line = [sys.executable, "-c", "from jupyter_nodeapi.app import main; main()", "doctor", "--json"]
    ran = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    report = json.loads(ran.stdout)
    assert ran.returncode == (0 if report["ok"] else 1)


def test_a_folder_below_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = levels(ask(checks.folders, NodeApiApp={"data_dir": str(tmp_path / "file" / "data")}))
    assert found["data_dir"] == "problem"


def test_a_folder_that_will_be_made_is_fine(tmp_path: Path) -> None:
    found = ask(checks.folders, NodeApiApp={"data_dir": str(tmp_path / "a" / "b")})
    assert {finding.level for finding in found} == {"ok"}
    assert "made when first needed" in found[0].message


def test_a_read_only_model_store_is_only_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"
    store.mkdir()
    real = checks.os.access
    monkeypatch.setattr(
        checks.os, "access", lambda path, mode: real(path, mode) and not (path == store and mode & 2)
    )
    found = levels(ask(checks.folders, NodeApiApp={"data_dir": str(tmp_path), "models_dir": str(store)}))
    assert found["models_dir"] == "warning"


def test_a_disk_below_its_reserve_is_a_problem(tmp_path: Path) -> None:
    found = ask(checks.disk, NodeApiApp={"data_dir": str(tmp_path), "disk_reserve_bytes": 1 << 60})
    assert {finding.level for finding in found} == {"problem"}


def test_a_configured_ffmpeg_that_is_none_is_told(tmp_path: Path) -> None:
    (found,) = ask(checks.ffmpeg, Audio={"ffmpeg": str(tmp_path / "nothing")})
    assert found.level == "warning"
    assert found.hint


def test_an_ffmpeg_that_does_not_run_is_a_problem(tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    (found,) = ask(checks.ffmpeg, Audio={"ffmpeg": str(program)})
    assert found.level == "problem"


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    (found,) = ask(checks.hub)
    assert "hf_secret" not in repr(found)
    assert "with a token" in found.message


@pytest.mark.parametrize(("found", "levels"), [("6.4.1", ["problem", "ok"]), ("6.5.5", ["ok"])])
def test_a_version_that_is_too_old_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, found: str, levels: list[str]
) -> None:
    monkeypatch.setattr(checks, "version", lambda asked: found if asked == "tornado" else "99.0")
    assert [finding.level for finding in ask(checks.versions)] == levels


def test_a_mistake_in_a_registry_is_told_with_its_place(jp_environ: None, jp_data_dir: Path) -> None:
    folder = jp_data_dir / "nodeapi" / "models.d"
    folder.mkdir(parents=True)
    (folder / "mine.json").write_text('{"version": 1, "models": [{"id": 7}]}')
    known, *problems = ask(checks.registry)
    assert known.level == "ok"
    assert [problem.level for problem in problems] == ["warning"]
    assert "mine.json" in problems[0].message
    assert problems[0].hint


@pytest.mark.parametrize(
    ("kernel", "level"), [("0.11.4", "ok"), ("0.9.3", "warning")], ids=["same minor", "other minor"]
)
def test_two_minors_of_anywidget_are_told(monkeypatch: pytest.MonkeyPatch, kernel: str, level: str) -> None:
    monkeypatch.setattr(kernels, "in_page", lambda: "0.11.0")
    monkeypatch.setattr(kernels, "in_kernel", lambda program: kernel)
    specs = {"python3": {"spec": {"argv": ["python"], "language": "python"}}}
    monkeypatch.setattr(kernels.KernelSpecManager, "get_all_specs", lambda self: specs)
    ((told, message, hint),) = kernels.anywidget_findings()
    assert told == level
    assert kernel in message
    assert (hint is None) == (level == "ok")


def test_a_kernel_that_does_not_start_is_passed_over() -> None:
    assert kernels.in_kernel("/nowhere/python") is None


def test_every_check_is_documented() -> None:
    assert [check.__name__ for check in CHECKS if not check.__doc__] == []


def test_a_shared_models_folder_that_will_not_work_for_all_names_the_command(
    jp_environ: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_nodeapi.models.sharing._private", lambda gid: False)
    tmp_path.chmod(0o775)
    findings = ask(checks.sharing, NodeApiApp={"models_dir": str(tmp_path)})
    assert findings
    assert {finding.level for finding in findings} == {"warning"}
    assert all(finding.hint and finding.hint.startswith("sudo ") for finding in findings)
