"""Private networks stay private, whatever a name says."""

import socket

import httpcore
import pytest

from bot.platforms.wire.ssrf import NotPublic, PublicBackend, is_public, public_addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "not an address",
        "::127.0.0.1", "::10.0.0.1", "::93.184.216.34", "64:ff9b:1::1", "64:ff9b:1:7f00:0:1::", "192.88.99.1",
        "::ffff:192.88.99.1", "2002:c058:6301::", "fec0::1", "feff::1", "3fff::1", "5f00::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_s15_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_s15_an_address_outside_is_public(address: str) -> None:
    assert is_public(address)


def test_s15_loopback_is_allowed_by_a_setting_and_nothing_else_is() -> None:
    assert is_public("127.0.0.1", allow_loopback=True)
    assert not is_public("10.0.0.1", allow_loopback=True)


def test_s15_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(NotPublic, match=r"sly\.example leads to 10\.0\.0\.1"):
        public_addresses("sly.example", 443, resolve=lambda host, port: ["93.184.216.34", "10.0.0.1"])


def test_s15_the_backend_refuses_before_it_connects() -> None:
    backend = PublicBackend(resolve=lambda host, port: ["169.254.169.254"])
    with pytest.raises(httpcore.ConnectError, match="not on the public internet"):
        backend.connect_tcp("metadata.example", 80, timeout=1)


def test_s15_the_connection_goes_to_the_address_that_was_checked() -> None:
    looked_up = []

    def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.1"]

    with socket.create_server(("127.0.0.1", 0)) as listener:
        backend = PublicBackend(allow_loopback=True, resolve=rebinding)
        backend.connect_tcp("rebind.example", listener.getsockname()[1], timeout=2).close()
    assert looked_up == ["rebind.example"]
