"""The image as a real builder makes it: off by default, for it takes minutes and a base image.

    buildah bud --isolation chroot -f deploy/Dockerfile -t chorus .
    CHORUS_TEST_IMAGE=localhost/chorus .venv/bin/pytest tests/deploy/test_built_image.py

``CHORUS_TEST_BUILDAH`` may hold another way to call buildah, such as ``buildah --storage-driver vfs``. Chroot
isolation needs no container engine, no namespaces for processes and no control groups.
"""

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator

import pytest

IMAGE = os.environ.get("CHORUS_TEST_IMAGE", "")
BUILDAH = shlex.split(os.environ.get("CHORUS_TEST_BUILDAH", "buildah"))

_TRIED = """
id -u
chorus migrate
stat -c '%u %a' /var/lib/chorus/chorus.db
touch /opt/chorus/here || echo kept
chorus serve --host 127.0.0.1 --port 8259 > /tmp/out 2>&1 &
server=$!
for _ in $(seq 80); do
  python -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:8259/readyz', timeout=4)" \
    2> /dev/null && echo ready && break
  sleep 1
done
chorus doctor --offline | tail -1
kill $server
wait $server
true
"""

pytestmark = [
    pytest.mark.skipif(not IMAGE, reason="by design: no image was built for this (CHORUS_TEST_IMAGE)"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def inside() -> Iterator[Callable[[str], str]]:
    """Runs a shell's line in a container of the image, as the image's user, and returns what it says."""
    made = subprocess.run(
        [*BUILDAH, "from", "--pull-never", IMAGE], capture_output=True, text=True, check=True
    ).stdout.strip()

    def run(line: str) -> str:
        words = [*BUILDAH, "run", "--isolation", "chroot", "--env", f"CHORUS_SECRET_KEY={'k3y-' * 10}", made]
        done = subprocess.run([*words, "--", "sh", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    try:
        yield run
    finally:
        subprocess.run([*BUILDAH, "rm", made], capture_output=True, check=False)


def test_the_built_image_migrates_and_serves_as_nobody_of_weight(inside: Callable[[str], str]) -> None:
    said = inside(_TRIED)
    assert said.startswith("10001\n")
    assert "10001 600" in said
    assert "kept" in said
    assert "\nready\n" in said
    assert "0 errors" in said
