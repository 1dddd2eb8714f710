"""Both distributions and the changelog speak of one version."""

from __future__ import annotations

import jupyter_nodeapi_widgets

import jupyter_nodeapi
from tests.contract.house import TOP


def test_both_distributions_carry_one_version() -> None:
    assert jupyter_nodeapi_widgets.__version__ == jupyter_nodeapi.__version__


def test_the_changelog_knows_the_version() -> None:
    assert f"## [{jupyter_nodeapi.__version__}]" in (TOP / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_licence_travels_with_both() -> None:
    assert (TOP / "LICENSE").read_bytes() == (TOP / "widgets" / "LICENSE").read_bytes()
