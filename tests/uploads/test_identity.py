"""Names: readable, confined, and never shared by two uploads."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.disk.names import check_component
from jupyter_nodeapi.errors import InvalidParameter, InvalidPath, NodeApiError
from jupyter_nodeapi.uploads.identity import Identity, clean_filename, clean_folders


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("clip.mp4", "clip.mp4"),
        ("my vidéo (1).mp4", "my vidéo (1).mp4"),
        ("C:\\Users\\me\\clip.mp4", "clip.mp4"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/shadow", "shadow"),
        ("name. . ", "name"),
        ("CON.txt", "_CON.txt"),
        ("lpt1", "_lpt1"),
        ("e\u0301.txt", "é.txt"),
        (".hidden", ".hidden"),
        ("c:evil", "c_evil"),
        (".nodeapi-owner", "_.nodeapi-owner"),
    ],
)
def test_a_filename_is_stored_as_its_last_component(given, stored):
    assert clean_filename(given) == stored


@pytest.mark.parametrize("name", ["", "/", ".", "..", "a/..", "...", "a\0b", "a\nb", "\ud800", "dir/", "   "])
def test_a_filename_that_cannot_be_is_refused(name):
    with pytest.raises(InvalidPath):
        clean_filename(name)


def test_a_long_name_keeps_its_extension_and_stays_unique():
    names = [clean_filename("ä" * 300 + ending) for ending in ("1.tar", "2.tar")]
    assert all(name.endswith(".tar") and len(name.encode()) <= 255 for name in names)
    assert len(set(names)) == 2


@given(st.text(max_size=300))
def test_any_filename_is_one_good_component_or_refused(name):
    try:
        stored = clean_filename(name)
    except NodeApiError:
        return
    assert check_component(stored) == stored
    assert clean_filename(stored) == stored


@pytest.mark.parametrize(
    ("path", "folders"),
    [
        ("", ()),
        ("a.txt", ()),
        ("dir/a.txt", ("dir",)),
        ("/dir\\sub//./a.txt", ("dir", "sub")),
        ("dir/sub", ("dir", "sub")),
        ("CON/a.txt", ("_CON",)),
    ],
)
def test_a_relative_path_gives_the_folders(path, folders):
    assert clean_folders(path, "a.txt") == folders


@pytest.mark.parametrize("path", ["../a.txt", "a/../../b", "a\0/a.txt", "x/" * 40])
def test_a_relative_path_that_leads_out_is_refused(path):
    with pytest.raises(InvalidPath):
        clean_folders(path, "a.txt")


def test_the_node_folder_is_as_documented():
    assert Identity("s", "LoadAudio", "17", "f").node_folder == "LoadAudio_17"
    assert Identity("s", "", "17", "f").node_folder == "17"
    assert Identity("s", "LoadAudio", "", "f").node_folder == "LoadAudio"


def test_a_node_without_any_name_is_refused():
    with pytest.raises(InvalidParameter):
        Identity("s", "", "", "f").node_folder  # noqa: B018


@pytest.mark.parametrize("session", ["", "x" * 129, "a\0", "a\nb", "\ud800"])
def test_a_session_that_cannot_be_is_refused(session):
    with pytest.raises(InvalidParameter):
        Identity(session, "n", "1", "f").session_folder  # noqa: B018


@pytest.mark.parametrize(
    "session", ["..", "../../x", "a/b", ".nodeapi-partial", "a\\b", "C:x", "CON", "x.", "~"]
)
def test_an_odd_session_is_one_good_component(session):
    assert check_component(Identity(session, "n", "1", "f").session_folder)


def test_nodes_that_share_a_folder_name_differ_in_the_other_one():
    one, two = Identity("s", "a_b", "c", "f"), Identity("s", "a", "b_c", "f")
    assert one.node_folder == two.node_folder
    assert one.other_node_folder != two.other_node_folder
    assert two.other_node_folder.startswith("a_b_c~")


def test_the_longest_ids_fit_into_a_name():
    identity = Identity("s", "n/" * 64, "i/" * 64, "f")
    assert check_component(identity.node_folder)
    assert check_component(identity.other_node_folder)


def test_every_field_separates_uploads():
    base = ("s", "n", "1", "f", (), "")
    others = [
        ("t", *base[1:]),
        ("s", "m", *base[2:]),
        ("s", "n", "2", *base[3:]),
        (*base[:3], "g", (), ""),
        (*base[:4], ("d",), ""),
        (*base[:5], "u"),
    ]
    keys = {Identity(*fields).key for fields in (base, *others)}
    assert len(keys) == 7
    shifted = [("s", a, b, "f", (), "") for a, b in itertools.permutations(["ab", "a", "b", ""], 2)]
    assert len({Identity(*fields).key for fields in shifted}) == len(shifted)
