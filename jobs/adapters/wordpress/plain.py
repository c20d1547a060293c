"""What WordPress and those before it say, as one plain line that holds no secret."""

import base64
import re

from selectolax.lexbor import LexborHTMLParser

MOST = 300


class Plain:
    """`username` and `secret`: what was signed in with; no line shows the secret, however it is written."""

    def __init__(self, username: str, secret: str | None) -> None:
        self._hidden: list[str] = []
        for form in {secret, "".join((secret or "").split())}:
            if form:
                self._hidden += [form, base64.b64encode(f"{username}:{form}".encode()).decode()]
        self._hidden.sort(key=len, reverse=True)

    def line(self, text: str, most: int = MOST) -> str:
        """Of text or HTML; at most so many characters."""
        for hidden in self._hidden:
            text = text.replace(hidden, "[secret]")
        if "<" in text or "&" in text:
            root = LexborHTMLParser(text[:20_000])
            root.strip_tags(["script", "style"])
            text = root.text(separator=" ")
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        text = re.sub(r" ([:.,;!?])(?= |$)", r"\1", text)
        for hidden in self._hidden:
            text = text.replace(hidden, "[secret]")
        return text if len(text) <= most else text[: most - 1] + "…"


def title_of(html: str) -> str:
    """What a page calls itself; empty for none."""
    title = LexborHTMLParser(html[:200_000]).css_first("title")
    return " ".join(title.text().split()) if title else ""
