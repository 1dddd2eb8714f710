"""Local sources: a regular file that really lies in an allowed folder, and nothing else."""

from __future__ import annotations

import hashlib
import os
import socket

import pytest

from jupyter_nodeapi.errors import NodeApiError
from tests.models.conftest import entry

DATA = os.urandom(2_500_000)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "m.pth").write_bytes(DATA)
    return folder


def local(folder, url, **fields):
    return entry(folder, source={"type": "local", "url": str(url)}, **fields)


@pytest.mark.parametrize(
    "form", ["m.pth", "{folder}/m.pth", "file://{folder}/m.pth", "file://localhost{folder}/m.pth"]
)
def test_a_file_beside_its_registry_is_installed(installer, folder, form):
    installer(local(folder, form.format(folder=folder)))
    assert (installer.models_dir / "Things/m.pth").read_bytes() == DATA
    assert (folder / "m.pth").read_bytes() == DATA


def test_a_folder_with_declared_files_is_installed_under_the_id(installer, folder):
    (folder / "set").mkdir()
    (folder / "set/a.bin").write_bytes(b"a")
    (folder / "set/b.txt").write_bytes(b"b")
    installer(local(folder, "set", files=[{"path": "a.bin"}, {"path": "text/b.txt", "from": "b.txt"}]))
    assert installer.visible == ["Things/m/a.bin", "Things/m/text/b.txt"]


def test_a_shared_folder_serves_entries_of_any_registry(installer, tmp_path, folder):
    installer(local(tmp_path / "elsewhere", folder / "m.pth"), shared_dirs=[str(folder)])
    assert installer.visible == ["Things/m.pth"]


def test_an_installed_copy_is_verified_and_a_lie_is_refused(installer, folder):
    digest = hashlib.sha256(DATA).hexdigest()
    for facts in ({"sha256": "0" * 64}, {"size": 3}):
        with pytest.raises(NodeApiError) as caught:
            installer(local(folder, "m.pth", files=[{"path": "m.pth", **facts}]))
        assert caught.value.code in {"checksum_mismatch", "size_mismatch"}
        assert installer.visible == []
    installer(local(folder, "m.pth", files=[{"path": "m.pth", "sha256": digest, "size": len(DATA)}]))
    assert installer.visible == ["Things/m.pth"]
    assert (folder / "m.pth").read_bytes() == DATA


@pytest.mark.parametrize(
    "url",
    [
        "/etc/hostname",
        "file:///etc/hostname",
        "../outside.pth",
        "file://{folder}/../outside.pth",
        "link.pth",
        "linked/outside.pth",
        "/proc/self/environ",
        "/proc/self/root{outside}",
        "/dev/zero",
        "fifo",
        "socket",
        "file://other.host/m.pth",
        "//host/share/m.pth",
        "none.pth",
        "~/m.pth",
    ],
)
def test_anything_else_reads_as_absent(installer, folder, tmp_path, url):
    outside = tmp_path / "outside.pth"
    outside.write_bytes(b"secret")
    (folder / "link.pth").symlink_to(outside)
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(folder)
        server.bind("socket")
        os.chdir("/")
        with pytest.raises(NodeApiError) as caught:
            installer(local(folder, url.format(folder=folder, outside=outside)))
    assert caught.value.code in {"file_not_found", "address_not_allowed"}
    assert str(tmp_path) not in f"{caught.value.message}{caught.value.hint}"
    assert installer.visible == []


def test_proc_and_devices_are_refused_even_where_everything_is_shared(installer, folder):
    for url in ("/proc/self/environ", "/dev/null", "/sys/kernel/notes"):
        with pytest.raises(NodeApiError):
            installer(local(folder, url), shared_dirs=["/"])


def test_a_url_source_names_no_local_file(online, hub, folder):
    with pytest.raises(NodeApiError):
        online(entry(folder, source={"type": "url", "url": "https://localhost/m.pth"}))


def test_writing_into_the_installed_file_anew_leaves_the_source_alone(installer, folder):
    wanted = local(folder, "m.pth")
    installer(wanted)
    (folder / "m.pth").unlink()
    (folder / "m.pth").write_bytes(b"second")
    installer(wanted, replace=True)
    assert (installer.models_dir / "Things/m.pth").read_bytes() == b"second"
