"""The form parser: any cut of the body gives the same events, and every broken shape is refused."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_nodeapi.errors import InvalidMultipart, NodeApiError, TooLarge, UnsupportedMedia
from jupyter_nodeapi.uploads import finding
from jupyter_nodeapi.uploads.disposition import boundary_of, name_of_part
from jupyter_nodeapi.uploads.multipart import Field, FileData, FileEnd, FileStart, Limits, Parser

TYPE = "multipart/form-data; boundary=XyZ"


def part(name: str, value: bytes, extra: str = "") -> bytes:
    return f'--XyZ\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + value + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--XyZ--\r\n"


def blob(data: bytes, name: str = "file") -> bytes:
    return part(name, data, '; filename="blob"\r\nContent-Type: application/octet-stream')


def cuts(body: bytes, places) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[a:b] for a, b in itertools.pairwise(edges)]


def parse(pieces, limits=None):
    """Give the events with the file's bytes joined, and the code of the error that ended them."""
    parser, events, error = Parser(TYPE, limits), [], None
    try:
        for piece in pieces:
            for event in parser.feed(piece):
                if isinstance(event, FileData) and events and isinstance(events[-1], bytes):
                    events[-1] += bytes(event.data)
                else:
                    events.append(bytes(event.data) if isinstance(event, FileData) else event)
        parser.close()
    except NodeApiError as caught:
        error = caught.code
    return events, error


def test_fields_and_file_come_in_the_order_of_the_body():
    body = form(part("chunkIndex", b"3"), blob(b"bytes"), part("nodeName", "Knöt".encode()))
    expected = [Field("chunkIndex", "3"), FileStart("file"), b"bytes", FileEnd(), Field("nodeName", "Knöt")]
    assert parse([body]) == (expected, None)


def test_an_empty_file_is_a_file():
    assert parse([form(blob(b""))]) == ([FileStart("file"), FileEnd()], None)


def test_a_part_called_file_is_a_file_without_a_filename():
    assert parse([form(part("file", b"abc"))])[0][0] == FileStart("file")


def test_preamble_and_epilogue_are_ignored():
    body = b"hello\r\n" + form(part("a", b"1")) + b"and good bye\r\n--XyZ\r\n"
    assert parse([body]) == ([Field("a", "1")], None)


@pytest.mark.parametrize(
    "data", [b"\r\n--Xy", b"\r\n--XyY", b"\r\n\r\n--", b"--XyZ", b"\r\n--\r\n--Xy\r\n", b"\r" * 50]
)
def test_bytes_that_look_like_a_delimiter_are_bytes(data):
    body = form(blob(data))
    expected = ([FileStart("file"), data, FileEnd()], None)
    assert parse([body]) == expected
    assert parse([body[i : i + 1] for i in range(len(body))]) == expected


# Bytes that delimiters are made of make the near misses that random bytes never do.
tricky = st.lists(
    st.sampled_from([b"\r", b"\n", b"-", b"\r\n--Xy", b"--", b"X", b"\r\n", b"\0abc"]), max_size=40
).map(b"".join)


@given(data=tricky, value=st.text("ab-\r\n", max_size=9), places=st.lists(st.integers(0, 5000), max_size=12))
@example(data=b"", value="", places=[])
def test_any_cut_of_a_good_body_gives_the_same_events(data, value, places):
    body = form(part("a", value.encode()), blob(data), part("b", b"2"))
    whole = parse([body])
    assert whole[1] is None
    assert parse(cuts(body, places)) == whole
    assert b"".join(event for event in whole[0] if isinstance(event, bytes)) == data


@given(
    noise=st.lists(
        st.sampled_from(
            [b"\r\n", b"--XyZ", b"--", b":", b";", b'name="', b'"', b"Content-Disposition: form-data", b"a"]
        ),
        max_size=25,
    ).map(b"".join),
    places=st.lists(st.integers(0, 5000), max_size=12),
)
def test_any_cut_of_a_broken_body_gives_the_same_refusal(noise, places):
    body = b"--XyZ\r\n" + noise
    limits = Limits(parts=3, header_bytes=60, field_bytes=20)
    assert parse(cuts(body, places), limits) == parse([body], limits)


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_a_buffer_may_be_fed_in_part_and_used_again(size):
    data, buffer = bytes(range(256)) * 50, bytearray(size)
    body, parser, found = form(blob(data)), Parser(TYPE), bytearray()
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        buffer[: len(piece)] = piece
        for event in parser.feed(buffer, len(piece)):
            if isinstance(event, FileData):
                found += event.data
    assert parser.complete
    assert found == data


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        b"--XyZ",
        b"--XyZ\r\n",
        form()[:-4],
        form(blob(b"abc"))[:-9],
        b"--XyZ\r\n\r\nvalue\r\n--XyZ--",
        b"--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--",
        b'--XyZ\r\nContent-Disposition: form-data; name=""\r\n\r\nx\r\n--XyZ--',
        b'--XyZ\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--XyZ--',
        b'--XyZ\r\nContent-Disposition: form-data; name="a"; name="b"\r\n\r\nx\r\n--XyZ--',
        b'--XyZ\r\nContent-Disposition: form-data; name="a\r\n\r\nx\r\n--XyZ--',
        b'--XyZ\r\nContent-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n--XyZ--',
        b'--XyZ\r\n Content-Disposition: form-data; name="a"\r\n\r\nx\r\n--XyZ--',
        b'--XyZ\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--XyZ--',
        part("a", b"\xff") + b"--XyZ--",
        part("a", b"YQ==", "\r\nContent-Transfer-Encoding: base64") + b"--XyZ--",
        b"--XyZtra\r\n" + part("a", b"1")[7:] + b"--XyZ--",
        part("a", b"1").replace(b"\r\n", b"\n") + b"--XyZ--",
        b"x" * 9000 + b"\r\n" + form(part("a", b"1")),
    ],
)  # fmt: skip
def test_a_broken_body_is_refused_as_a_whole(body):
    assert parse([body])[1] in {"invalid_multipart", "truncated_body"}


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(parts=1), "invalid_multipart"),
        (Limits(header_bytes=20), "invalid_multipart"),
        (Limits(field_bytes=3), "too_large"),
    ],
)
def test_a_form_over_a_limit_is_refused(limits, code):
    body = form(part("a", b"1234"), part("b", b"2"))
    assert parse([body], limits)[1] == code
    assert parse([body[i : i + 1] for i in range(len(body))], limits)[1] == code


def test_a_file_may_be_longer_than_any_field():
    events, error = parse([form(blob(b"x" * 100_000))], Limits(field_bytes=3))
    assert error is None
    assert len(events[1]) == 100_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="a b:c"', b"a b:c"),
        (
            "multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW;",
            b"----WebKitFormBoundary7MA4YWxkTrZu0gW",
        ),
    ],
)
def test_the_boundary_is_read(value, expected):
    assert boundary_of(value) == expected


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("", UnsupportedMedia),
        ("application/json", UnsupportedMedia),
        ("multipart/mixed; boundary=a", UnsupportedMedia),
        ("multipart/form-data", InvalidMultipart),
        ("multipart/form-data; boundary=", InvalidMultipart),
        ('multipart/form-data; boundary=""', InvalidMultipart),
        ("multipart/form-data; boundary=" + "a" * 71, InvalidMultipart),
        ('multipart/form-data; boundary="a\u00e9"', InvalidMultipart),
        ("multipart/form-data; boundary=a; boundary=b", InvalidMultipart),
    ],
)
def test_a_content_type_without_a_usable_boundary_is_refused(value, error):
    with pytest.raises(error):
        boundary_of(value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'content-disposition: form-data; name="file"; filename="C:\\dir\\a.txt"', ("file", True)),
        (b"Content-Disposition: form-data; name=plain", ("plain", False)),
        (b'Content-Disposition: form-data; name="a%22b"', ('a"b', False)),
        (b'Content-Disposition: form-data; name="a\\"b"', ('a"b', False)),
        (b"Content-Disposition: form-data; name=x; filename*=utf-8''a%20b", ("x", True)),
        (b'Content-Disposition: form-data; filename="a;b=c"; name="y"', ("y", True)),
    ],
)
def test_the_name_of_a_part_is_read_as_clients_write_it(line, expected):
    assert name_of_part(line) == expected


def test_a_field_that_is_too_long_names_itself():
    with pytest.raises(TooLarge) as caught:
        list(Parser(TYPE, Limits(field_bytes=2)).feed(form(part("nodeId", b"1234"))))
    assert caught.value.details == {"field": "nodeId"}


@pytest.mark.parametrize("library", ["C", "none"])
@pytest.mark.parametrize("place", [None, 0, 10, 99_999, 100_000, 150_000, 199_990, 199_994])
def test_a_large_buffer_is_searched_as_python_would(monkeypatch, library, place):
    if library == "none":
        monkeypatch.setattr(finding, "_memmem", lambda: None)
    data = bytearray(b"\r\n--Xy" * 33_334)[:200_000]
    if place is not None:
        data[place : place + 6] = b"\r\n--XY"
    for start, end in [(0, 200_000), (10, 199_999), (100_000, 200_000), (99_999, 300_000), (1, 50)]:
        assert finding.find(data, b"\r\n--XY", start, end) == data.find(b"\r\n--XY", start, end)
