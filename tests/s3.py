"""A small S3 service: the calls that our files need, over HTTP, objects in memory.

It signs nothing, but knows the one access key; it has parts, ETags, conditions, pages of lists and multipart uploads.
"""

import hashlib
import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

ACCESS_KEY, SECRET_KEY, BUCKET = "the-key", "the-secret", "files"
SMALLEST_PART = 5 * 1024 * 1024


@dataclass
class Kept:
    data: bytes
    media_type: str
    etag: str
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class Refused(Exception):
    status: int
    code: str


@dataclass
class Service:
    """`fault`: what it answers to everything. `silent` until it is set: it takes requests and answers none. `parts`
    False: it answers a part with everything, as some servers do. `page`: keys that one list has at most.
    """

    url: str = ""
    objects: dict[str, Kept] = field(default_factory=dict)
    uploads: dict[str, tuple[str, str, dict[int, bytes]]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    largest: int = 0  # body of a request
    fault: Refused | None = None
    parts: bool = True
    page: int = 1000
    silent: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.silent.set()

    @property
    def blobs_url(self) -> str:
        return f"s3://{BUCKET}/of/ours?region=eu-central-1&endpoint={self.url}"


def etag_of(*parts: bytes) -> str:
    if len(parts) == 1:
        return f'"{hashlib.md5(parts[0]).hexdigest()}"'
    return f'"{hashlib.md5(b"".join(hashlib.md5(p).digest() for p in parts)).hexdigest()}-{len(parts)}"'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: Service

    def handle_one_call(self) -> None:
        asked = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(asked.query, keep_blank_values=True).items()}
        bucket, _, self.key = unquote(asked.path).removeprefix("/").partition("/")
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.service.largest = max(self.service.largest, len(self.body))
        self.service.silent.wait()
        try:
            if self.service.fault:
                raise self.service.fault
            if f"Credential={ACCESS_KEY}/" not in self.headers.get("authorization", ""):
                raise Refused(403, "InvalidAccessKeyId")
            if bucket != BUCKET:
                raise Refused(404, "NoSuchBucket")
            with self.service.lock:
                name = self.call()
                self.service.calls.append(name)
                answer = getattr(self, name)()
            self.answer(*answer)
        except Refused as refused:
            self.answer(refused.status, f"<Error><Code>{refused.code}</Code></Error>".encode())

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one_call

    def call(self) -> str:
        match self.command, self.query:
            case "GET", {"list-type": "2"}:
                return "list"
            case "POST", {"uploads": _}:
                return "begin"
            case "PUT", {"uploadId": _}:
                return "part"
            case "POST", {"uploadId": _}:
                return "complete"
            case "DELETE", {"uploadId": _}:
                return "abort"
        return {"GET": "get", "HEAD": "get", "PUT": "put", "DELETE": "delete"}[self.command]

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):  # who asks may leave
                self.wfile.write(body)

    def put(self) -> tuple[int, bytes, dict[str, str]]:
        there = self.service.objects.get(self.key)
        if there and self.headers.get("if-none-match") == "*":
            raise Refused(412, "PreconditionFailed")
        if (wanted := self.headers.get("if-match")) and (there is None or wanted != there.etag):
            raise Refused(412, "PreconditionFailed")
        kept = Kept(self.body, self.headers.get("content-type", ""), etag_of(self.body))
        self.service.objects[self.key] = kept
        return 200, b"", {"etag": kept.etag}

    def get(self) -> tuple[int, bytes, dict[str, str]]:
        kept = self.service.objects.get(self.key)
        if kept is None:
            raise Refused(404, "NoSuchKey")
        headers = {
            "etag": kept.etag,
            "last-modified": format_datetime(kept.modified, usegmt=True),
            "content-type": kept.media_type,
            "content-length": str(len(kept.data)),
        }
        if self.headers.get("if-none-match") in (kept.etag, "*"):
            return 304, b"", {"etag": kept.etag}
        if (wanted := self.headers.get("if-match")) and wanted != kept.etag:
            raise Refused(412, "PreconditionFailed")
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("range", ""))
        if asked is None or not self.service.parts:
            return 200, kept.data, headers
        size = len(kept.data)
        start = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
        end = min(size, int(asked[2]) + 1) if asked[1] and asked[2] else size
        if start >= size:
            raise Refused(416, "InvalidRange")
        part = {"content-length": str(end - start), "content-range": f"bytes {start}-{end - 1}/{size}"}
        return 206, kept.data[start:end], {**headers, **part}

    def delete(self) -> tuple[int, bytes]:
        self.service.objects.pop(self.key, None)
        return 204, b""

    def list(self) -> tuple[int, bytes]:
        after = self.query.get("continuation-token") or self.query.get("start-after") or ""
        keys = sorted(k for k in self.service.objects if k.startswith(self.query.get("prefix", "")) and k > after)
        shown, more = keys[: self.service.page], len(keys) > self.service.page
        rows = "".join(self.row(key, self.service.objects[key]) for key in shown)
        token = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if more else ""
        truncated = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        return 200, f"<ListBucketResult>{truncated}{token}{rows}</ListBucketResult>".encode()

    @staticmethod
    def row(key: str, kept: Kept) -> str:
        at = kept.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return (
            f"<Contents><Key>{escape(key)}</Key><LastModified>{at}</LastModified>"
            f"<ETag>{escape(kept.etag)}</ETag><Size>{len(kept.data)}</Size></Contents>"
        )

    def begin(self) -> tuple[int, bytes]:
        id = f"upload-{next(self.service.numbers)}"
        self.service.uploads[id] = (self.key, self.headers.get("content-type", ""), {})
        said = f"<Bucket>{BUCKET}</Bucket><Key>{escape(self.key)}</Key><UploadId>{id}</UploadId>"
        return 200, f"<InitiateMultipartUploadResult>{said}</InitiateMultipartUploadResult>".encode()

    def part(self) -> tuple[int, bytes, dict[str, str]]:
        if self.query["uploadId"] not in self.service.uploads:
            raise Refused(404, "NoSuchUpload")
        self.service.uploads[self.query["uploadId"]][2][int(self.query["partNumber"])] = self.body
        return 200, b"", {"etag": etag_of(self.body)}

    def complete(self) -> tuple[int, bytes]:
        key, media_type, parts = self.service.uploads.pop(self.query["uploadId"])
        named = [int(e.text or 0) for e in ElementTree.fromstring(self.body).iter() if e.tag.endswith("PartNumber")]
        if named != sorted(parts):
            raise Refused(400, "InvalidPart")
        if any(len(parts[number]) < SMALLEST_PART for number in named[:-1]):
            raise Refused(400, "EntityTooSmall")
        whole = [parts[number] for number in named]
        self.service.objects[key] = kept = Kept(b"".join(whole), media_type, etag_of(*whole))
        said = f"<Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key><ETag>{escape(kept.etag)}</ETag>"
        return 200, f"<CompleteMultipartUploadResult>{said}</CompleteMultipartUploadResult>".encode()

    def abort(self) -> tuple[int, bytes]:
        self.service.uploads.pop(self.query["uploadId"], None)
        return 204, b""

    def log_message(self, *_: object) -> None:
        return None


@contextmanager
def s3_service() -> Iterator[Service]:
    service = Service()
    handler = type("Bound", (Handler,), {"service": service})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            service.silent.set()
            server.shutdown()
            thread.join()
