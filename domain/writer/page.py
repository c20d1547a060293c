"""An article as a page of its own, complete and without scripts: as a preview, and where pages are published."""

import re
from html import escape
from pathlib import Path
from string import Template

PAGE = Template((Path(__file__).parent / "page.html").read_text())
NOT_FOUND_BY_ENGINES = '<meta name="robots" content="noindex">'
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # a BCP 47 tag, as far as its form tells


def page(
    heading: str,
    body: str,
    *,
    title: str | None = None,
    description: str = "",
    language: str | None = None,
    head: str = "",
    featured: str = "",
    above: str = "",
) -> str:
    """`body`, `head`, `featured` and `above`, which stands between heading and body, are HTML; the rest is text."""
    return PAGE.substitute(
        language=f' lang="{language}"' if is_language(language) else "",
        title=escape(title or heading),
        description=escape(description, quote=True),
        head=head,
        heading=escape(heading),
        featured=featured,
        above=above,
        body=body,
    )


def is_language(text: str | None) -> bool:
    """Whether browsers can be told so: a tag, not a language's name."""
    return text is not None and _LANGUAGE.fullmatch(text) is not None


def figure(src: str, alt: str, width: int, height: int) -> str:
    size = f' width="{width}" height="{height}"' if width and height else ""
    return f'<figure><img src="{escape(src, quote=True)}" alt="{escape(alt, quote=True)}"{size}></figure>'
