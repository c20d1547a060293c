"""What SEO plugins write into the head of a page."""

from html import escape

from tests.standins.wordpress.posts import Post

YOAST_KEYS = ("_yoast_wpseo_title", "_yoast_wpseo_metadesc", "_yoast_wpseo_focuskw")
RANK_MATH_KEYS = ("rank_math_title", "rank_math_description", "rank_math_focus_keyword")


def head_of(post: Post | None, root: str, *, yoast: bool, rank_math: bool) -> bytes:
    """A post's page, or the home page."""
    title = f"{post.title} – Kit Site" if post else "Kit Site"
    described = ""
    for runs, keys in ((yoast, YOAST_KEYS), (rank_math, RANK_MATH_KEYS)):
        if runs and post:
            title = post.meta.get(keys[0]) or title
            described = post.meta.get(keys[1]) or described
    meta = f'<meta name="description" content="{escape(described)}" />' if described else ""
    body = post.content if post else ""
    links = f'<link rel="https://api.w.org/" href="{root}" /><link rel="stylesheet" href="/wp-includes/style.css" />'
    return (
        f"<!DOCTYPE html><html><head><title>{escape(title)}</title>{meta}{links}</head><body>{body}</body></html>"
    ).encode()
