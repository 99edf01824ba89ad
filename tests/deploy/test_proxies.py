"""Caddy and nginx as ``deploy/`` sets them up: the real programs in front of a real ``chorus serve``.

What they are told beside is only what a test must: ports of this machine, and a certificate nobody else made.
"""

import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.installed import DEPLOY, free_ports, program, running, serving, until_answered

pytestmark = pytest.mark.timeout(600)  # real programs, on machines that do other things as well

NAME = "localhost"
AT_ONCE = 3.0
"""Seconds in which an event has to be through; a buffer would hold it until the next beat, or for ever."""
TOO_LARGE = 1024 * 1024 + 1


@dataclass(frozen=True)
class Site:
    """Chorus behind a proxy, by its public address."""

    address: str
    plain: str
    """The same by http, which leads to https."""
    trust: ssl.SSLContext

    def client(self, host: str = "127.0.0.1") -> httpx.Client:
        """A client at an address of its own: all of 127.0.0.0/8 is this machine."""
        transport = httpx.HTTPTransport(verify=self.trust, local_address=host)
        return httpx.Client(transport=transport, base_url=self.address, timeout=20.0)


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    proxy = {"caddy": behind_caddy, "nginx": behind_nginx}[request.param]
    program(request.param)
    directory = tmp_path_factory.mktemp(request.param)
    upstream, secure, plain = free_ports(3)
    settings = {
        "CHORUS_BASE_URL": f"https://{NAME}:{secure}",
        "CHORUS_TRUSTED_PROXIES": "127.0.0.1,::1",
        "CHORUS_LOCAL__ENABLED": "true",
    }
    with serving(directory, upstream, **settings), proxy(directory, upstream, secure, plain) as found:
        yield found


@contextmanager
def behind_caddy(directory: Path, upstream: int, secure: int, plain: int) -> Iterator[Site]:
    """Caddy reads our file as it is; a file of the test's own says who makes certificates here."""
    own = directory / "Caddyfile"
    own.write_text(
        "{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n"
        f"\tstorage file_system {directory}/caddy\n\thttp_port {plain}\n\thttps_port {secure}\n}}\n"
        f"import {DEPLOY}/caddy/Caddyfile\n"
    )
    environment = {
        **os.environ,
        "HOME": str(directory),
        "CHORUS_SITE": NAME,
        "CHORUS_UPSTREAM": f"127.0.0.1:{upstream}",
    }
    words = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(own)]
    root = directory / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    with running(words, environment, directory) as process:
        end = time.monotonic() + 30
        while not root.exists() or not root.read_text():
            assert process.poll() is None, process.said.read_text()  # type: ignore[attr-defined]
            assert time.monotonic() < end, process.said.read_text()  # type: ignore[attr-defined]
            time.sleep(0.05)
        yield opened(process, secure, plain, root)


@contextmanager
def behind_nginx(directory: Path, upstream: int, secure: int, plain: int) -> Iterator[Site]:
    """nginx reads our file with the test's names, ports and certificate in the places of the example's."""
    certificate, key = made_certificate(directory)
    text = (DEPLOY / "nginx" / "chorus.conf").read_text()
    for ours, theirs in {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{upstream};",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "https://$host$request_uri": f"https://$host:{secure}$request_uri",
        "answers.example.com;": f"{NAME};",
        "/etc/letsencrypt/live/answers.example.com/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/answers.example.com/privkey.pem": str(key),
    }.items():
        assert ours in text, ours
        text = text.replace(ours, theirs)
    (directory / "chorus.conf").write_text(text)
    places = "".join(
        f"\t{name}_temp_path {directory}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    own = directory / "nginx.conf"
    own.write_text(
        f"daemon off;\npid {directory}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\n\taccess_log off;\n{places}\tinclude {directory}/chorus.conf;\n}}\n"
    )
    checked = subprocess.run(
        [program("nginx"), "-t", "-e", "stderr", "-c", str(own)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    with running([program("nginx"), "-e", "stderr", "-c", str(own)], os.environ, directory) as process:
        yield opened(process, secure, plain, certificate)


def opened(process: "subprocess.Popen[str]", secure: int, plain: int, authority: Path) -> Site:
    trust = ssl.create_default_context(cafile=str(authority))
    site = Site(f"https://{NAME}:{secure}", f"http://{NAME}:{plain}", trust)
    until_answered(f"{site.address}/livez", process, verify=trust)
    return site


def made_certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = directory / "certificate.pem", directory / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


def remaining(client: httpx.Client, **headers: str) -> int:
    """How many searches are left to whom Chorus takes the client for."""
    answer = client.get("/search", params={"q": "tv"}, headers=headers)
    assert answer.status_code == 200
    return int(answer.headers["RateLimit"].partition(";r=")[2].partition(";")[0])


def test_pages_come_encrypted_compressed_and_with_our_headers(site: Site) -> None:
    with site.client() as client:
        answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers.get_list("content-security-policy")[0].startswith("default-src 'none'")


def test_who_comes_unencrypted_is_led_to_the_encrypted_site(site: Site) -> None:
    answer = httpx.get(f"{site.plain}/topics", timeout=10)
    assert answer.status_code in (301, 302, 308)
    assert answer.headers["location"].startswith("https://")
    assert answer.headers["location"].endswith("/topics")


def test_clients_are_told_apart_by_their_own_addresses(site: Site) -> None:
    with site.client("127.0.0.2") as one, site.client("127.0.0.3") as other:
        assert remaining(one) == 119
        assert remaining(one) == 118
        assert remaining(other) == 119


@pytest.mark.parametrize(
    ("header", "value", "host"),
    [
        ("X-Forwarded-For", "203.0.113.9", "127.0.1.1"),
        ("X-Forwarded-For", "203.0.113.9, 127.0.0.1", "127.0.1.2"),
        ("Forwarded", "for=203.0.113.9", "127.0.1.3"),
        ("X-Real-IP", "203.0.113.9", "127.0.1.4"),
    ],
)
def test_an_address_that_a_client_makes_up_is_not_believed(
    site: Site, header: str, value: str, host: str
) -> None:
    with site.client(host) as client:
        assert [remaining(client), remaining(client, **{header: value})] == [119, 118]


def test_events_reach_an_open_page_at_once(site: Site) -> None:
    heard: list[tuple[float, str]] = []
    connected, done = threading.Event(), threading.Event()

    def listen() -> None:
        with site.client() as client, client.stream("GET", "/local/live") as answer:
            for line in answer.iter_lines():
                heard.append((time.monotonic(), line))
                connected.set()
                if line == "event: change":
                    done.set()
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert connected.wait(AT_ONCE), "not even the greeting came through"
    with site.client() as client:
        answer = client.post("/local/posts", json={"author": "sam", "text": "@brand no picture"})
    assert answer.status_code == 201
    assert done.wait(AT_ONCE), heard


def test_a_body_that_is_too_large_is_refused_and_one_that_is_not_gets_through(site: Site) -> None:
    with site.client() as client:
        assert client.post("/webhooks/local", content=b"x" * TOO_LARGE).status_code == 413
        assert client.post("/webhooks/local", content=b"x" * 1000).status_code == 401


def test_a_form_of_this_site_counts_as_of_this_site(site: Site) -> None:
    with site.client() as client:
        ours = client.post("/sign-in", data={"email": "a@example.com"}, headers={"Origin": site.address})
        foreign = client.post(
            "/sign-in", data={"email": "a@example.com"}, headers={"Origin": "https://elsewhere.example"}
        )
    assert ours.status_code == 200
    assert foreign.status_code == 403
