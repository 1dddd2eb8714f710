"""One rule for a name, and readable names for odd ids."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.disk.names import check_component, safe_component
from jupyter_nodeapi.errors import InvalidParameter, InvalidPath

REFUSED = [
    "", ".", "..", "...", "a/b", "/", "a\\b", "\\", "..\\..", "a\0b", "\0", "a\nb", "\x1f", "\x7f", "\x85",
    "C:", "c:", "C:x", "z:evil", "a.", "a ", "a. ", ". ", " ", "\ud800", "a\udfff", "x" * 256, "\u00e9" * 128,
    "CON", "con", "Con.txt", "PRN", "AUX", "NUL", "nul.tar.gz", "NUL .txt", "COM1", "com9.x", "LPT1", "COM0",
    "COM\u00b9", "lpt\u00b3.txt", "CONIN$", "conout$.txt", "nul:", ".nodeapi-x", ".NodeAPI-versions", ".nodeapi",
]  # fmt: skip
ALLOWED = [
    "a", ".hidden", "..a", "a..b", "a b", " a", "con1", "console", "null", "com", "com10", "lpt", "auxiliary.txt",
    "x" * 255, "日本語.json", "🎧.wav", "a~b", "~", "$HOME", "%2e%2e", "a'b\"c", "-rf", "12:30.json", "nodeapi",
]  # fmt: skip


@pytest.mark.parametrize("name", REFUSED, ids=repr)
def test_a_bad_component_is_refused(name):
    with pytest.raises(InvalidPath) as caught:
        check_component(name)
    assert caught.value.message.endswith(".")
    assert caught.value.hint


@pytest.mark.parametrize("name", ALLOWED, ids=repr)
def test_a_good_component_stays_as_it_is(name):
    assert check_component(name) == name


def test_a_component_becomes_nfc():
    assert check_component("e\u0301.txt") == "\u00e9.txt"


@given(st.text(max_size=300))
def test_whatever_passes_is_one_plain_stable_name(name):
    try:
        good = check_component(name)
    except InvalidPath:
        return
    assert check_component(good) == good == unicodedata.normalize("NFC", name)
    assert good not in {"", ".", ".."}
    assert not set(good) & {"/", "\\", "\0"}
    assert len(good.encode()) <= 255


@given(st.text(min_size=1, max_size=128))
def test_every_id_gets_a_good_component_or_says_why_not(name):
    try:
        component = safe_component(name)
    except InvalidParameter:
        assert len(name.encode()) > 128 or any(unicodedata.category(c) == "Cc" for c in name)
        return
    assert check_component(component) == component


ODD = st.lists(st.sampled_from([*"ab./\\: ~C0", "e\u0301", "\u00e9"]), min_size=1, max_size=8).map("".join)


@given(ODD, ODD)
def test_two_ids_never_share_a_component(one, other):
    if one != other:
        assert safe_component(one) != safe_component(other)


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_", min_size=1, max_size=60))
def test_an_ordinary_id_is_readable_as_it_is(name):
    assert safe_component(f"n{name}") == f"n{name}"


def test_an_id_that_looks_like_a_sanitised_one_cannot_collide_with_it():
    made = safe_component("a/b")
    assert made.startswith("a_b~")
    assert safe_component(made) != made


@pytest.mark.parametrize("name", ["", "x" * 129, "\u00e9" * 65, "a\0", "a\n", "\x7f", "\ud800"], ids=repr)
def test_an_id_that_cannot_be_one_is_refused(name):
    with pytest.raises(InvalidParameter):
        safe_component(name)


@pytest.mark.parametrize(
    "name", [".", "..", "../../etc", "NUL", "C:\\x", "a.", " ", ".nodeapi-x", "\U0001d160" * 32]
)
def test_an_odd_id_is_made_harmless(name):
    component = safe_component(name)
    assert check_component(component) == component
    assert component != name
