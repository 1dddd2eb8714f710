"""Where a download may connect to."""

from __future__ import annotations

import pytest

from jupyter_nodeapi.errors import Forbidden
from jupyter_nodeapi.models.addresses import Addresses, has_secret, is_public, origin_of

PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public_in_any_disguise(address):
    assert not is_public(address)
    with pytest.raises(Forbidden):
        Addresses().check_peer("https://models.example/x", address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are(address):
    assert is_public(address)
    Addresses().check_peer("https://models.example/x", address)


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example/x",
        "ftp://h/x",
        "file:///etc/passwd",
        "https://",
        "https://u:p@h/x",
        "//h/x",
        "x",
    ],
)
def test_only_https_is_opened(url):
    with pytest.raises(Forbidden):
        Addresses().check_url(url)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://a.localhost./x"]
)
def test_behind_a_proxy_a_private_literal_is_refused_by_name(url):
    with pytest.raises(Forbidden):
        Addresses().check_url(url, proxied=True)


def test_an_allowed_origin_is_allowed_whatever_its_address_and_only_it():
    addresses = Addresses(["http://mirror.lan:8080", "https://Models.Example"])
    addresses.check_url("http://mirror.lan:8080/a")
    addresses.check_peer("http://mirror.lan:8080/a", "10.1.2.3")
    addresses.check_peer("https://models.example:443/a", "10.1.2.3")
    for url in ("http://mirror.lan/a", "http://mirror.lan:8081/a", "http://models.example/a"):
        with pytest.raises(Forbidden):
            addresses.check_url(url)
    with pytest.raises(Forbidden):
        addresses.check_peer("https://mirror.lan:8080/a", "10.1.2.3")


def test_origins_have_one_form():
    assert origin_of("HTTPS://Host.Example./x?y#z") == "https://host.example:443"
    assert origin_of("https://h:99999/") is None
    assert origin_of("ftp://h/") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://u@h/",
        "https://h/?token=x",
        "https://h/?a=1&API_KEY=2",
        "https://h/?sig=1",
        "https://h/?X-Amz-Credential=1",
    ],
)
def test_an_address_with_a_secret_is_known_as_one(url):
    assert has_secret(url)


@pytest.mark.parametrize("url", ["https://h/a?download=1", "https://h/token/a", "https://h/?v=key"])
def test_an_open_address_is_not(url):
    assert not has_secret(url)
