"""The public tus conformance suite's 123 cases against our routes, but for those whose wishes exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.plain_http import Client
from tests.live.real_server import RealServer

from . import tus_cases, tus_more_cases
from .tus_steps import Step, converse, options

pytestmark = pytest.mark.live
TABLES = (
    (27, tus_cases.CORE),
    (20, tus_cases.CREATION),
    (12, tus_cases.CHECKSUM),
    (9, tus_cases.EXPIRATION),
    (5, tus_cases.TERMINATION),
    (16, tus_more_cases.CONCATENATION),
    (9, tus_more_cases.SCENARIOS),
    (25, tus_more_cases.OPTIONAL),
)
CASES: dict[str, list[Step]] = {name: steps for _, table in TABLES for name, steps in table.items()}

_TRAILERS = "Tornado refuses requests with trailers, so checksum-trailer is not offered."
LEFT_OUT = {
    "ext-csum-tr-001-checksum-trailer": _TRAILERS,
    "ext-csum-tr-002-chunked-encoding": _TRAILERS,
    "ext-concat-007-partials-complete": "It wants 400 where ext-concat-uf-001 wants 201 for the same request.",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A caller of one server for all cases: each makes uploads of its own."""
    server = RealServer(tmp_path_factory.mktemp("tus")).start()
    yield server.client
    server.stop()


def test_all_of_the_suite_is_here_and_three_cases_are_left_out() -> None:
    assert [len(table) for _, table in TABLES] == [size for size, _ in TABLES]
    assert len(CASES) == 123
    assert LEFT_OUT.keys() < CASES.keys()
    assert len(CASES) - len(LEFT_OUT) >= 120


@pytest.mark.parametrize("case", [name for name in CASES if name not in LEFT_OUT])
def test_the_server_behaves_as_the_suite_wants(client: Client, case: str) -> None:
    converse(client, CASES[case])


def test_what_is_left_out_is_not_promised(client: Client) -> None:
    (reply,) = converse(client, [options()])
    offered = reply.headers["Tus-Extension"].split(",")
    assert "checksum-trailer" not in offered
    assert "concatenation-unfinished" in offered
