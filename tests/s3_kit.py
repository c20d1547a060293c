"""Real S3 servers, which a kit starts: IGNY8_S3_KIT names a folder of programs `up` and `down` that run them.

`up --kind KIND --state FOLDER` prints endpoint, bucket, access_key, secret_key and region as JSON on its last line.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KIT = os.environ.get("IGNY8_S3_KIT")
KINDS = ["rclone", "moto"]


@contextmanager
def running(kind: str) -> Iterator[dict[str, Any]]:
    assert KIT
    state = Path(tempfile.gettempdir()) / "igny8-s3-servers" / kind
    run = [sys.executable, f"{KIT}/up", "--kind", kind, "--state", str(state)]
    said = subprocess.run(run, stdout=subprocess.PIPE, check=True, text=True, timeout=600).stdout
    try:
        yield json.loads(said.splitlines()[-1])
    finally:
        subprocess.run([sys.executable, f"{KIT}/down", "--state", str(state)], check=True, stdout=subprocess.DEVNULL)
