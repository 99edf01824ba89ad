"""What anybody may read is sent compressed to whoever takes it so; the rest never is."""

import gzip

import anyio
import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from app.web.guard.compression import Compression

TEXT = "What anybody may read. " * 100
PUBLIC = ("/", "/search", "/q/1-why", "/topics", "/api/v1/answers", "/feed.atom", "/static/chorus.css")
OWN = ("/desk", "/desk/profile", "/admin/questions", "/sign-in/secret", "/metrics", "/livez")


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()

    async def page() -> Response:
        return Response(TEXT, media_type="text/html", headers={"ETag": 'W/"1"', "Vary": "Accept"})

    async def live() -> StreamingResponse:
        return StreamingResponse(iter([f"data: {TEXT}\n\n"]), media_type="text/event-stream")

    for path in (*PUBLIC, *OWN):
        made.get(path)(page)
    made.get("/small")(lambda: "little")
    made.get("/same")(lambda: Response(status_code=304))
    made.get("/file")(lambda: Response(TEXT, headers={"ETag": '"2"', "Accept-Ranges": "bytes"}))
    made.get("/local/live")(live)
    made.add_middleware(Compression)
    return made


def ask(app: FastAPI, path: str, takes: str = "gzip, deflate, br") -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://answers.test") as client:
            async with client.stream("GET", path, headers={"Accept-Encoding": takes}) as answer:
                answer._content = b"".join([part async for part in answer.aiter_raw()])
            return answer

    return anyio.run(go)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_a_tenth_of_its_size(app: FastAPI, path: str) -> None:
    answer = ask(app, path)
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.content).decode() == TEXT
    assert int(answer.headers["content-length"]) == len(answer.content) < len(TEXT) / 10
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["etag"] == 'W/"1"'


@pytest.mark.parametrize("path", OWN)
def test_behind_the_sign_in_the_size_betrays_nothing(app: FastAPI, path: str) -> None:
    answer = ask(app, path)
    assert "content-encoding" not in answer.headers
    assert answer.content.decode() == TEXT


@pytest.mark.parametrize("takes", ["identity", "", "br", "gzip;q=0", "br, GZIP; q=0.0, identity"])
def test_who_does_not_take_it_gets_it_as_it_is(app: FastAPI, takes: str) -> None:
    answer = ask(app, "/", takes)
    assert "content-encoding" not in answer.headers
    assert answer.content.decode() == TEXT
    assert "Accept-Encoding" in answer.headers["vary"], "or a cache would hand out the one for the other"


def test_a_weight_above_nothing_is_a_yes(app: FastAPI) -> None:
    assert ask(app, "/", "br;q=1, gzip;q=0.05").headers["content-encoding"] == "gzip"


def test_a_tag_of_the_very_bytes_is_none_of_the_compressed_ones(app: FastAPI) -> None:
    smaller, whole = ask(app, "/file"), ask(app, "/file", "identity")
    assert (smaller.headers["etag"], "accept-ranges" in smaller.headers) == ('W/"2"', False)
    assert (whole.headers["etag"], whole.headers["accept-ranges"]) == ('"2"', "bytes")


def test_not_modified_says_what_the_answer_depends_on(app: FastAPI) -> None:
    assert ask(app, "/same").headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(("path", "holds"), [("/small", "little"), ("/local/live", TEXT)])
def test_what_is_small_or_live_is_left_alone(app: FastAPI, path: str, holds: str) -> None:
    answer = ask(app, path)
    assert "content-encoding" not in answer.headers
    assert holds in answer.content.decode()
