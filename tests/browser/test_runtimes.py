"""Every client without a browser of docs/how-to/uploaders.md, run as written, over a bad line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.real_server import RealServer

from .faults import FaultLayer
from .recipes import recipes, titles
from .stories import Story, check, stories

pytestmark = [pytest.mark.live, pytest.mark.slow]
INTERPRETERS = {"python": sys.executable, "sh": "sh"}


@pytest.mark.parametrize("story", stories(titles("python", "sh")))
def test_what_lies_on_the_disk_is_what_was_given(
    story: Story, tmp_path: Path, server: RealServer, layer: FaultLayer
) -> None:
    file = story.file(tmp_path)
    recipe = recipes()[story.client]
    script = tmp_path / "upload"
    script.write_text(recipe.code, encoding="utf-8")
    layer.begin(story.fault)
    done = subprocess.run(
        [INTERPRETERS[recipe.language], str(script), str(file)],
        env={**os.environ, "JUPYTER_URL": layer.url, "JUPYTER_TOKEN": server.token, "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    last = done.stdout.splitlines()[-1]
    found = re.search(r'"filePath":\s*("[^"]*")', last)  # curl prints what the server said
    check(story, json.loads(found[1]) if found else last, file, server, layer)
