"""Any story of sends, duplicates, lost acknowledgements, cuts, kills, cancels and expiry, against an oracle.

The oracle: whenever a reply says *completed*, the file is, chunk by chunk, the bytes that were acknowledged last;
until then the file under its name is the one completed before; and a kill changes nothing of what was received.
"""

import asyncio
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from jupyter_nodeapi.errors import Conflict, Gone

from .bench import PATH, Bench

pytestmark = pytest.mark.slow

# Layouts of (chunk size, lengths); contents differ by version, but some chunks are equal in two of them.
LAYOUTS = [(4, (4, 4, 2)), (4, (4, 4, 9)), (3, (3, 3, 3)), (4, (4, 2)), (5, (5,)), (4, (4, 4, 4, 0))]
layouts = st.integers(0, len(LAYOUTS) - 1)
versions = st.sampled_from("ABC")
forms = st.sampled_from(["fields first", "file first", "chunk size said"])


def chunk(layout, version, index):
    length = LAYOUTS[layout][1][index]
    # Version C shares its even chunks with A.
    letter = "A" if version == "C" and index % 2 == 0 else version
    return letter.encode() * length


class Story(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.bench = Bench(Path(self.folder.name))
        self.acknowledged = {}
        self.published = None
        self.flying = []

    def teardown(self):
        self.kill()
        self.bench.threads.close()
        self.loop.close()
        self.folder.cleanup()

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def settle(self, layout, index, data, outcome):
        """Compare what the server said with the oracle; gives whether it took the chunk."""
        try:
            state = self.run(outcome)
        except (Conflict, Gone):
            return False
        total = len(LAYOUTS[layout][1])
        self.acknowledged[total, index] = data
        assert state.total == total
        if state.done is not None:
            self.published = b"".join(self.acknowledged[total, each] for each in range(total))
            assert self.bench.file() == self.published
        return True

    def fields(self, layout, form):
        return {"chunkSize": str(LAYOUTS[layout][0])} if form == "chunk size said" else {}

    @rule(layout=layouts, version=versions, index=st.integers(0, 3), form=forms)
    def send(self, layout, version, index, form):
        index %= len(LAYOUTS[layout][1])
        data = chunk(layout, version, index)
        options = {"file_first": form == "file first", "split": 3, **self.fields(layout, form)}
        self.settle(layout, index, data, self.bench.send(index, len(LAYOUTS[layout][1]), data, **options))

    @rule(layout=layouts, version=versions, order=st.permutations(range(4)))
    def send_all(self, layout, version, order):
        for index in order:
            if index < len(LAYOUTS[layout][1]):
                self.send(layout, version, index, "fields first")

    @rule(layout=layouts, version=versions, index=st.integers(0, 3), form=forms)
    def begin(self, layout, version, index, form):
        """A chunk of which only a part arrives for now."""
        total = len(LAYOUTS[layout][1])
        index %= total
        request = self.bench.request(index, total, **self.fields(layout, form))
        data = chunk(layout, version, index)
        store = self.bench.store
        try:
            incoming = self.run(store.spool() if form == "file first" else store.begin(request, ""))
            self.run(incoming.write(data[:2]))
            self.run(incoming.settle())
        except (Conflict, Gone):
            return
        self.flying.append((incoming, request, layout, index, data))

    @precondition(lambda self: self.flying)
    @rule(which=st.integers(0, 9), cut=st.booleans())
    def go_on(self, which, cut):
        """The rest of it arrives, or its sender goes away."""
        incoming, request, layout, index, data = self.flying.pop(which % len(self.flying))
        if cut:
            self.run(self.bench.store.abandon(incoming))
            return

        async def finish():
            try:
                await incoming.write(data[2:])
                return await self.bench.store.commit(incoming, request, "")
            finally:
                await self.bench.store.abandon(incoming)

        self.settle(layout, index, data, finish())

    @rule()
    def kill(self):
        """Whatever was in flight is gone; another process goes on with what is on the disk."""
        for incoming, *_ in self.flying:
            self.run(incoming.settle())
            if incoming.fd is not None:
                os.close(incoming.fd)
        self.flying = []
        known = self.received()
        self.bench.restart()
        assert self.received() == known

    def received(self):
        """Give the chunks that the server says it has."""
        attempt = self.run(self.bench.store.look(self.bench.request(0, 1).identity, ""))
        chunks = attempt.chunks.values() if attempt else ()
        return {chunk.index: (chunk.length, chunk.crc32) for chunk in chunks}

    @rule(layout=layouts, hanging=versions, version=versions, index=st.integers(0, 3))
    def overtake(self, layout, hanging, version, index):
        """Of a new upload a sender hangs, another one sends its chunk, and then the first one goes on."""
        self.run(self._let_go())
        self.cancel()
        self.wait(100_000)
        self.begin(layout, hanging, index, "chunk size said")
        self.send(layout, version, index, "fields first")
        if self.flying:
            self.go_on(0, cut=False)
        self.send_all(layout, version, range(4))

    @rule()
    def cancel(self):
        identity = self.bench.request(0, 1).identity
        if self.run(self.bench.store.look(identity, "")) is not None:
            self.run(self.bench.store.cancel(identity, ""))
            if not self.bench.root.resolve(PATH).exists():
                self.published = None

    @rule(layout=layouts, version=versions)
    def begin_anew(self, layout, version):
        """A new attempt is never in the way of what was before it, and always completes."""
        total = len(LAYOUTS[layout][1])
        self.run(self._let_go())
        for index in range(total):
            data = chunk(layout, version, index)
            taken = self.settle(layout, index, data, self.bench.send(index, total, data, restart="true"))
            assert taken
        if index and not self._is(layout, version):
            # An equal chunk of an older attempt may have been kept: what contradicts it began anew after it.
            for index in range(total):
                data = chunk(layout, version, index)
                assert self.settle(layout, index, data, self.bench.send(index, total, data))
        assert self._is(layout, version)

    def _is(self, layout, version):
        return self.published == b"".join(
            chunk(layout, version, each) for each in range(len(LAYOUTS[layout][1]))
        )

    async def _let_go(self):
        for incoming, *_ in self.flying:
            await self.bench.store.abandon(incoming)
        self.flying = []

    @rule(seconds=st.sampled_from([10, 100, 100_000]))
    def wait(self, seconds):
        self.bench.now += seconds
        for path in self.bench.store.shelf.folder.rglob("*"):
            facts = path.stat()
            os.utime(path, (facts.st_atime, min(facts.st_mtime, self.bench.now - seconds)))
        self.bench.uploads.sweep()

    @invariant()
    def the_file_is_what_was_completed_last(self):
        path = self.bench.root.resolve(PATH)
        assert (path.read_bytes() if path.exists() else None) == self.published


TestStory = Story.TestCase
TestStory.settings = settings(
    max_examples=60, stateful_step_count=35, deadline=None, suppress_health_check=list(HealthCheck)
)
