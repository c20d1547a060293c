"""Where an address leads to, so that it can be named."""

from urllib.parse import urljoin

from domain.destinations import DestinationError
from jobs.adapters.wordpress.api import Api
from jobs.adapters.wordpress.failures import site_of

HOPS = 4


async def final_address(api: Api) -> tuple[str, str]:
    """What was found, and what to do. No password goes along."""
    url = f"{api.url}/wp-json/"
    for _ in range(HOPS):
        try:
            response = await api.send("GET", url, signed=False)
        except DestinationError as error:
            return f"The address leads to {site_of(url)}. {error.said}", error.cure
        if not 300 <= response.status_code < 400 or "location" not in response.headers:
            there = site_of(url)
            if there == api.url:
                break
            return f"The address leads to {there}.", f"Give {there} as the address."
        url = urljoin(url, response.headers["location"])
    return f"The address leads in a circle, to {site_of(url)}.", "Look at its redirects, or at those of its proxy."
