#!/bin/sh
# obstore 0.12.1 (object_store's local file system): a key whose last part ends in '#' and digits, such as
# "report#1", cannot be used in a LocalStore. Put, get, head and delete raise GenericError, and list leaves such a file
# out without a word, although it lies in the folder. A MemoryStore takes the same key, and so do services of S3.
#
# Why: the local store writes what is not whole yet into "<name>#<n>" and takes every such name for one of those.
#
# Who meets it: whoever keeps names that people gave, moves from a bucket to a folder, or counts and sweeps a folder by
# what list says: the files are there, take room, and are in no list.
#
# Seen: "listed: a.png b#2.png c#x; hidden: report#1; head: GenericError; memory: report#1". Ends with 1 when that
# changes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check obstore==0.12.1
mkdir "$work/store"
cat > "$work/try.py" <<'PY'
import os
import sys
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore

folder = Path(sys.argv[1])
for name in ("a.png", "b#2.png", "c#x", "report#1"):
    (folder / name).write_bytes(b"x")
local, memory = LocalStore(folder), MemoryStore()
obstore.put(memory, "report#1", b"x")


def listed(store):
    return sorted(each["path"] for batch in obstore.list(store) for each in batch)


try:
    obstore.head(local, "report#1")
    head = "answered"
except BaseError as error:
    head = type(error).__name__
hidden = sorted(set(os.listdir(folder)) - set(listed(local)))
seen = f"listed: {' '.join(listed(local))}; hidden: {' '.join(hidden)}; head: {head}; memory: {' '.join(listed(memory))}"
print(seen)
sys.exit(seen != "listed: a.png b#2.png c#x; hidden: report#1; head: GenericError; memory: report#1")
PY
"$work/venv/bin/python" "$work/try.py" "$work/store"
