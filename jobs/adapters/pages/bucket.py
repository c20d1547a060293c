"""Pages in a bucket of an S3 service, by requests that go through the door like all others."""

import asyncio
import re
import secrets
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import httpx2

from domain.destinations import Connection, DestinationError
from jobs.adapters.calling import LATER, call, encrypted, line
from jobs.adapters.checks import Step
from jobs.adapters.failures import retry_after
from jobs.adapters.pages.destination import Pages
from jobs.adapters.pages.signing import Key, sign
from persistence.files.object_keys import key_of
from persistence.terms import CheckStage

CODE = re.compile(r"<Code>([A-Za-z0-9.]{1,60})</Code>")
TAKEN = (409, 412)  # of a write that shall make something new
WRONG_KEY = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken")
RIGHTS = "Let the key list the bucket, and get, put and delete objects in it."


class BucketPlace:
    """Implements Place. Some services take a claim whether there is one or not: whose came last has it then."""

    def __init__(self, client: httpx2.AsyncClient, connection: Connection) -> None:
        config = connection.config
        region = str(config["region"])
        endpoint = config.get("endpoint") or f"https://s3.{region}.amazonaws.com"
        self.client, self.bucket, self.region = client, str(config["bucket"]), region
        self.url = f"{endpoint}/{quote(self.bucket, safe='')}"
        self.prefix = f"{config['prefix']}/" if config.get("prefix") else ""
        self.key = Key(str(config["access_key_id"]), connection.secret or "", region)

    async def read(self, key: str) -> bytes | None:
        response = await self._send("GET", key)
        if response.status_code == 404 and _code(response) != "NoSuchBucket":
            return None
        return self._good(response).content

    async def has(self, key: str) -> bool:
        response = await self._send("HEAD", key)
        return response.status_code != 404 and self._good(response).is_success

    async def claim(self, key: str, data: bytes) -> bool:
        response = await self._send("PUT", key, data, {"content-type": "text/plain", "if-none-match": "*"})
        return response.status_code not in TAKEN and self._good(response).is_success

    async def write(self, key: str, data: bytes, media_type: str) -> None:
        self._good(await self._send("PUT", key, data, {"content-type": media_type}))

    async def delete(self, key: str) -> None:
        response = await self._send("DELETE", key)
        if response.status_code != 404:
            self._good(response)

    @property
    def steps(self) -> list[Step]:
        return [
            (CheckStage.ADDRESS, self._reached),
            (CheckStage.TLS, self._connected),
            (CheckStage.API, self._is_s3),
            (CheckStage.CREDENTIALS, self._lists),
            (CheckStage.CAPABILITIES, self._writes),
        ]

    async def _reached(self) -> str:
        await self._list()
        return f"{urlsplit(self.url).hostname} may be called."

    async def _connected(self) -> str:
        return encrypted(self.url)

    async def _is_s3(self) -> str:
        response = await self._list()
        if "<ListBucketResult" not in response.text and not _code(response):
            raise DestinationError(
                f"What answers at {response.url.host} is no S3 service.",
                "Give the endpoint of its API, without bucket and folder.",
                code="not_s3",
            )
        return "An S3 service answers."

    async def _lists(self) -> str:
        self._good(await self._list())
        return f"The bucket {self.bucket} is open to the key."

    async def _writes(self) -> str:
        key, said = f".igny8/check-{secrets.token_hex(8)}", b"It can be written."
        await self.write(key, said, "text/plain")
        try:
            if await self.read(key) != said:
                raise DestinationError("What was written is not read back.", RIGHTS, code="not_kept")
        finally:
            await self.delete(key)
        return "Objects are put there, got and deleted."

    async def _list(self) -> httpx2.Response:
        query = f"list-type=2&max-keys=1&prefix={quote(self.prefix, safe='')}"
        return await self._call(self.client.build_request("GET", f"{self.url}?{query}"), b"")

    async def _send(
        self, method: str, key: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        url = f"{self.url}/{quote(self.prefix + key_of(key), safe='/~')}"
        return await self._call(self.client.build_request(method, url, content=body, headers=headers), body)

    async def _call(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        await asyncio.to_thread(sign, request, self.key, body, datetime.now(UTC))
        return await call(self.client, request)

    def _good(self, response: httpx2.Response) -> httpx2.Response:
        if not response.is_success:
            raise self._refused(response)
        return response

    def _refused(self, response: httpx2.Response) -> DestinationError:
        """Of an answer that is no success."""
        status, said = response.status_code, _code(response)
        code = f"{status} {said}".strip()
        if said in WRONG_KEY:
            return DestinationError("The service does not take the key.", "Give accessKeyId and secretAccessKey anew.",
                                    code=code)  # fmt: skip
        if said == "RequestTimeTooSkewed":
            return DestinationError("The service's clock and ours differ.", "Set both by a time server.", code=code)
        if said == "NoSuchBucket":
            return DestinationError(
                f"There is no bucket {self.bucket}.", "Make it, or give another.", code=f"400 {said}"
            )
        region = response.headers.get("x-amz-bucket-region")
        if 300 <= status < 400 or said == "AuthorizationHeaderMalformed":
            where = (
                f"region {line(region)}" if region and region != self.region else "region and endpoint of the bucket"
            )
            return DestinationError("The bucket is elsewhere.", f"Give the {where}.", code=code)
        if status == 403:
            return DestinationError(f"The key may not do it: {said or status}.", RIGHTS, code=code)
        if status == 429 or status >= 500:
            return DestinationError(
                f"The service is not at work: {said or status}.", LATER, code=code, retryable=True,
                retry_after=retry_after(response.headers),
            )  # fmt: skip
        return DestinationError(
            f"The service did not take it: {said or status}.", "See what it complains of.", code=code
        )


def bucket_pages(client: httpx2.AsyncClient, connection: Connection) -> Pages:
    return Pages(BucketPlace(client, connection), connection)


def _code(response: httpx2.Response) -> str:
    """The service's own word for what went wrong; empty where it says none, as of HEAD."""
    found = CODE.search(response.text[:4000]) if not response.is_success else None
    return found[1] if found else ""
