"""The same over TLS, as it is outside of tests."""

from __future__ import annotations

import os
import threading
import time

import pytest

from jupyter_nodeapi.errors import Forbidden
from jupyter_nodeapi.jobs.engines import Stopped
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable
from tests.hf_hub.certificate import self_signed
from tests.hf_hub.server import Hub
from tests.models.conftest import entry

pytestmark = pytest.mark.slow

DATA = os.urandom(900_000)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def hub(certificate, monkeypatch):
    with Hub(cdn_tls=certificate[1]) as hub:
        hub.plain["m.pth"] = DATA
        monkeypatch.setenv("HF_ENDPOINT", hub.hub_url)
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield hub


@pytest.fixture
def wanted(hub):
    return entry(source={"type": "url", "url": f"{hub.cdn_url}/plain/m.pth"})


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_the_environment_names_is_trusted(online, wanted, certificate, monkeypatch, name):
    monkeypatch.setenv(name, str(certificate[0]))
    online(wanted)
    assert (online.models_dir / "Things/m.pth").read_bytes() == DATA


def test_an_unknown_certificate_is_refused_for_good(online, hub, wanted):
    with pytest.raises(SourceRefused) as caught:
        online(wanted)
    assert caught.value.code == "certificate_untrusted"
    assert hub.seen("cdn") == []


def test_a_private_address_is_left_before_the_handshake(installer, hub, wanted):
    with pytest.raises(Forbidden) as caught:
        installer(wanted)
    assert caught.value.code == "address_not_allowed"
    assert (hub.handshakes, hub.seen("cdn")) == (0, [])


def test_a_cut_goes_on_where_it_stopped(online, hub, wanted, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    hub.faults.add("cut", at=600_000)
    with pytest.raises(SourceUnavailable):
        online(wanted)
    online(wanted)
    assert "range" in hub.seen("cdn")[-1].headers
    assert (online.models_dir / "Things/m.pth").read_bytes() == DATA


def test_a_stop_ends_a_stalled_read_at_once(online, hub, wanted, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    hub.faults.add("stall", at=600_000)
    online.stop_after = 400_000
    began = time.monotonic()
    with pytest.raises(Stopped):
        online(wanted)
    assert time.monotonic() - began < 5


def test_twenty_files_of_one_model_leave_no_connection_and_no_thread(online, hub, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    for number in range(20):
        hub.plain[f"set/{number}"] = bytes([number]) * 1000
    files = [{"path": f"{number}.bin", "from": f"set/{number}"} for number in range(20)]
    online(entry(source={"type": "url", "url": f"{hub.cdn_url}/plain"}, files=files))
    assert len(online.visible) == 20
    assert not [
        thread
        for thread in threading.enumerate()
        if thread.name in {"nodeapi-watch", "nodeapi-lease", "nodeapi-flush"}
    ]
