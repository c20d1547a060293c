"""The peer of jobs.py, run by the Python of a venv that has Celery: `celery -A celery_peer worker`.

`python celery_peer.py N SECONDS` puts N items in the list HELD, for whoever renames it to the queue's name.
"""

import os
import sys
import time

from celery import Celery
from celery.signals import worker_ready
from redis import Redis

HELD = "held"
app = Celery("celery_peer", broker=os.environ["PEER_BROKER"], backend=os.environ["PEER_RESULTS"])


@app.task
def item(seconds: float) -> int:
    if seconds:
        time.sleep(seconds)
    return 1


@worker_ready.connect
def _ready(**_: object) -> None:
    Redis.from_url(os.environ["IGNY8_REDIS_URL"]).incr("ready")


if __name__ == "__main__":
    for _n in range(int(sys.argv[1])):
        item.apply_async((float(sys.argv[2]),), queue=HELD)
