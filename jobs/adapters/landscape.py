"""Abstract landscapes out of a hash: a sky, a sun, ridges that darken towards the viewer, a title at the foot."""

import colorsys
import hashlib
import io
import math
import random
from functools import lru_cache
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFont

MAX_BYTES = 300_000
_LAYERS = 5
_MAX_TITLE = 80

Colour: TypeAlias = tuple[int, int, int]


def landscape(title: str, prompt: str, width: int, height: int) -> bytes:
    """WEBP of exactly width × height pixels; CPU-bound, 0.4 s at 2048 × 2048."""
    chance = random.Random(hashlib.sha256(f"{title}\0{prompt}".encode(errors="replace")).digest())
    palette = _palette(chance)
    image = _sky(palette, width, height)
    _sun(image, palette, chance)
    fade = Image.linear_gradient("L").point([225 - level // 4 for level in range(256)]).resize(image.size)
    for depth in range(_LAYERS):
        _hill(image, palette[depth + 2], fade, image.height * (0.46 + 0.50 * depth / _LAYERS), chance)
    image = _grain(image, chance)
    _write(image, title)
    return _encode(image)


def _palette(chance: random.Random) -> list[Colour]:
    """From the sky's light colour to the nearest hill's dark one, over a sixth of the colour circle and a bit."""
    start, turn = chance.random(), chance.choice((-1, 1)) * chance.uniform(0.10, 0.22)
    steps = [place / (_LAYERS + 1) for place in range(_LAYERS + 2)]
    colours = [colorsys.hls_to_rgb((start + turn * at) % 1, 0.86 - 0.66 * at, 0.62 - 0.17 * at) for at in steps]
    return [(round(r * 255), round(g * 255), round(b * 255)) for r, g, b in colours]


def _sky(palette: list[Colour], width: int, height: int) -> Image.Image:
    """From the second colour at the top down to the lightest at the horizon."""
    ramp = Image.linear_gradient("L").resize((width, height))
    return Image.composite(Image.new("RGB", (width, height), palette[0]), Image.new("RGB", ramp.size, palette[1]), ramp)


def _sun(image: Image.Image, palette: list[Colour], chance: random.Random) -> None:
    side = min(image.size)
    radius, x = side * chance.uniform(0.09, 0.17), image.width * chance.uniform(0.18, 0.82)
    y = image.height * chance.uniform(0.18, 0.42)
    glow = Image.radial_gradient("L").point([max(0, 150 - level) for level in range(256)])
    spread = round(radius * 7)
    image.paste(palette[0], (round(x) - spread // 2, round(y) - spread // 2), glow.resize((spread, spread)))
    disc = Image.new("L", (4 * round(radius) + 4,) * 2, 0)
    ImageDraw.Draw(disc).ellipse((2, 2, disc.width - 3, disc.height - 3), fill=205)
    disc = disc.resize((disc.width // 2, disc.height // 2), Image.Resampling.LANCZOS)
    warm = tuple(min(255, level + 30) for level in palette[0])
    image.paste(warm, (round(x) - disc.width // 2, round(y) - disc.height // 2), disc)


def _hill(image: Image.Image, colour: Colour, fade: Image.Image, base: float, chance: random.Random) -> None:
    """A ridge of three sine waves around the height `base`, lighter towards its foot as if in mist."""
    width, height = image.size
    waves = [
        (chance.uniform(0.6, 1.4) * 2**octave, chance.uniform(0, math.tau), height * 0.055 / 1.7**octave)
        for octave in range(3)
    ]
    top = max(0, int(base - sum(size for _, _, size in waves)) - 1)  # above it there is nothing to paint
    ridge = []
    for step in range(129):
        lift = sum(size * math.sin(math.tau * pace * step / 128 + phase) for pace, phase, size in waves)
        ridge.append((step / 64 * width, 2 * (base + lift - top)))
    foot = 2 * (height - top)
    twice = Image.new("L", (2 * width, foot), 0)  # drawn at twice the size: Pillow's polygons have hard edges
    ImageDraw.Draw(twice).polygon([*ridge, (2 * width, foot), (0, foot)], fill=255)
    image.paste(colour, (0, top), ImageChops.multiply(twice.reduce(2), fade.crop((0, top, width, height))))


def _grain(image: Image.Image, chance: random.Random) -> Image.Image:
    """Noise of a few levels, so gentle that it hides banding and costs few bytes."""
    noise = Image.frombytes("L", image.size, chance.randbytes(image.width * image.height))
    noise = noise.point([125 + level // 37 for level in range(256)])
    return ImageChops.add(image, Image.merge("RGB", (noise,) * 3), scale=1, offset=-128)


def _write(image: Image.Image, title: str) -> None:
    """The title at the foot in one or two lines, where it is short and the bundled font, ASCII mostly, can write it."""
    text, size = " ".join(title.replace("–", "-").replace("—", "-").split()), max(image.width // 22, 10)
    if not text or len(text) > _MAX_TITLE or min(image.size) < 200:
        return
    font = _font(size)
    if font is None or not all(_has_glyph(letter) for letter in set(text)):
        return
    lines = _lines(text, font, image.width * 0.86)
    if len(lines) > 2:
        return
    place = (image.width * 0.07, image.height * 0.94)
    ImageDraw.Draw(image).multiline_text(place, "\n".join(lines), (255, 255, 255), font, "ld", spacing=size // 4)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if font.getlength(longer) <= width else [*lines, word]
    return [line for line in lines if line]


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    """Pillow's own scalable font; without FreeType there is only a bitmap one, which is left alone."""
    font = ImageFont.load_default(size)
    return font if isinstance(font, ImageFont.FreeTypeFont) else None


@lru_cache(maxsize=1024)
def _has_glyph(letter: str) -> bool:
    font = _font(20)
    return letter == " " or (font is not None and bytes(font.getmask(letter)) not in (b"", _missing()))


@lru_cache(maxsize=1)
def _missing() -> bytes:
    font = _font(20)
    return bytes(font.getmask("\U0010ffff")) if font else b""


def _encode(image: Image.Image) -> bytes:
    """Quality goes down until the bytes fit; the last is taken as it comes."""
    data = b""
    for quality in (82, 64, 45, 25):
        target = io.BytesIO()
        image.save(target, "WEBP", quality=quality, method=2)
        if len(data := target.getvalue()) <= MAX_BYTES:
            break
    return data
