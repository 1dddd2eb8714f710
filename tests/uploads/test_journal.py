"""The journal: whole lines count, a torn end does not."""

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.uploads.journal import Begun, Cancelled, Chunk, Done, Journal, Publishing

RECORDS = [
    Begun("data-1", 3, "boot", 4, 12),
    Chunk(0, 4, 0xDEADBEEF),
    Chunk(2, 4, 1, parked=True),
    Publishing("/temp/ü"),
    Done("/temp/ü", 12, 1, 2),
    Cancelled(1.5),
]


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "journal")


def test_what_was_appended_is_read_in_order(journal):
    journal.append(RECORDS[0])
    journal.append(*RECORDS[1:])
    assert journal.read() == RECORDS


def test_no_file_holds_no_records(journal):
    assert journal.read() == []


def test_replace_leaves_only_the_new_records(journal):
    journal.append(*RECORDS)
    journal.replace(RECORDS[0])
    assert journal.read() == RECORDS[:1]


@given(cut=st.integers(1, 400))
def test_a_torn_end_is_cut_and_the_next_record_is_readable(tmp_path_factory, cut):
    journal = Journal(tmp_path_factory.mktemp("j") / "journal")
    journal.append(*RECORDS)
    whole = journal.path.read_bytes()
    os.truncate(journal.path, max(0, len(whole) - cut))
    kept = journal.read()
    assert kept == RECORDS[: len(kept)]
    assert len(kept) < len(RECORDS)
    journal.append(Chunk(9, 9, 9))
    assert journal.read() == [*kept, Chunk(9, 9, 9)]


@pytest.mark.parametrize(
    "garbage",
    [b"\0" * 40 + b"\n", b"[]\n", b'{"type": "chunk", "index": "a"}\n', b"\xff\n", b'{"type": "other"}\n'],
)
def test_an_unreadable_line_ends_the_journal(journal, garbage):
    journal.append(RECORDS[0])
    with journal.path.open("ab") as file:
        file.write(garbage)
    journal.append(RECORDS[1])
    assert journal.read() == RECORDS[:1]
    assert journal.read() == RECORDS[:1]


def test_a_line_that_only_partly_fits_the_disk_leaves_no_trace(journal, monkeypatch):
    journal.append(RECORDS[0])
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:5]))
    with pytest.raises(OSError) as caught:
        journal.append(RECORDS[1])
    assert caught.value.errno == errno.ENOSPC
    monkeypatch.undo()
    assert journal.read() == RECORDS[:1]
