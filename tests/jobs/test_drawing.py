"""Pictures without a model, and the look at bytes that claim to be one."""

import asyncio
import io
import struct
import time
import zlib

import pytest
from PIL import Image

from domain.ports import ImageRequest
from jobs.adapters.drawing import OfflineImages
from jobs.adapters.landscape import MAX_BYTES, landscape
from jobs.adapters.pictures import probe

TITLES = ["Cold brew at home: what to know", "", "  \n ", "コーヒーの淹れ方", "A\0b\ud800", "word " * 400, "W" * 80]


def asked(title: str = "Cold brew", prompt: str = "warm light", width: int = 1200, height: int = 630) -> ImageRequest:
    return ImageRequest(prompt, title, width, height, 5)


async def test_the_same_request_gives_the_same_picture_and_another_a_different_one() -> None:
    offline = OfflineImages()
    (first, report), (again, _), (other, _) = [
        await offline.draw(asked(prompt=prompt)) for prompt in ("warm light", "warm light", "cold light")
    ]

    assert first.data == again.data
    assert first.data != other.data
    assert (report.provider, report.model, report.cost_micros) == ("offline", "drawing-1", 0)


@pytest.mark.parametrize("size", [(1200, 630), (64, 64), (2048, 2048), (2048, 64), (64, 2048), (301, 211)])
async def test_the_size_is_exact_and_the_bytes_are_few(size: tuple[int, int]) -> None:
    made, _ = await OfflineImages().draw(asked("Cold brew at home", "x", *size))

    assert (made.width, made.height) == size
    assert probe(made.data) == ("image/webp", *size)
    assert 300 < len(made.data) <= MAX_BYTES


async def test_sizes_out_of_bounds_are_brought_in() -> None:
    made, _ = await OfflineImages().draw(asked(width=1, height=99_999))

    assert probe(made.data) == ("image/webp", 64, 2048)


@pytest.mark.parametrize("title", TITLES)
async def test_any_title_is_drawn_upon(title: str) -> None:
    made, _ = await OfflineImages().draw(asked(title, width=640, height=480))

    assert probe(made.data) == ("image/webp", 640, 480)


def test_a_title_is_written_only_in_letters_that_the_font_has(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(
        "PIL.ImageDraw.ImageDraw.multiline_text", lambda self, place, text, *a, **k: written.append(text)
    )
    for title in ("Cold brew – 5 ideas, “fast” & slow?", "Café", "コーヒー", "long " * 40):
        landscape(title, "p", 640, 480)

    assert written == ["Cold brew - 5 ideas, “fast” & slow?"]


async def test_the_event_loop_goes_on_meanwhile() -> None:
    """What is drawn takes no processor time of the loop's thread, and leaves it turns."""
    began, here, turns = time.process_time(), time.thread_time(), 0
    drawing = asyncio.gather(*(OfflineImages().draw(asked(str(n), width=1600, height=1200)) for n in range(4)))
    while not drawing.done():
        await asyncio.sleep(0.005)
        turns += 1

    assert time.thread_time() - here < (time.process_time() - began) / 3
    assert turns > 8


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_are_known_by_their_bytes(kind: str) -> None:
    target = io.BytesIO()
    Image.new("RGB", (70, 50)).save(target, kind)

    assert probe(target.getvalue()) == (f"image/{kind.lower()}", 70, 50)


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims a size."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def whole() -> bytes:
    target = io.BytesIO()
    Image.effect_noise((200, 200), 80).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"GIF89a",
        whole()[:-5_000],
        claiming(100, 100),
        claiming(9_000, 10),
        claiming(12_000, 12_000),
        claiming(30_000, 30_000),
        claiming(2**31 - 1, 2**31 - 1),
        b"BM" + b"\0" * 60,
    ],
)
def test_anything_else_is_refused_quickly(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises(ValueError):
        probe(data)

    assert time.process_time() - began < 0.2
