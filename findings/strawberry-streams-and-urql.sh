#!/bin/sh
# Strawberry 0.341.2 and @urql/core 6.0.3: a subscription over server-sent events gives urql nothing.
#
# Strawberry's GraphQL-over-SSE answers end their lines with \r\n, which the event-stream format allows. urql splits the
# stream at "\n\n" alone, so it never sees the end of an event: no value arrives while the stream lasts, and when it has
# ended the one result is the error "[Network] No Content". graphql-sse 2.6.1, which reads all three line ends, gets
# every value from the same server.
#
# Who meets it: any Strawberry server whose subscriptions are read by urql's fetchExchange with fetchSubscriptions: true.
# A server that ends its lines with \n is read by both.
#
# Seen: "urql: 0 values, [Network] No Content" and "graphql-sse: 3 values". Ends with 1 when that changes.
set -eu
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check strawberry-graphql==0.341.2 starlette==1.10.0 uvicorn==0.54.0
cd "$work"
cat > count.py <<'PY'
from collections.abc import AsyncGenerator

import strawberry
from starlette.applications import Starlette
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL


@strawberry.type
class Query:
    hello: str = "hello"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self) -> AsyncGenerator[int]:
        for n in range(3):
            yield n


schema = strawberry.Schema(Query, subscription=Subscription)
app = Starlette()
app.mount("/", GraphQL(schema, subscription_protocols=[GRAPHQL_SSE_PROTOCOL]))
PY
cat > package.json <<'JSON'
{"private": true, "type": "module", "dependencies": {"@urql/core": "6.0.3", "graphql": "16.15.0", "graphql-sse": "2.6.1"}}
JSON
npm install --no-audit --no-fund --loglevel=error >/dev/null
cat > ask.mjs <<'JS'
import { Client, fetchExchange } from "@urql/core";
import { createClient } from "graphql-sse";

const url = process.argv[2];
const query = "subscription { count }";

const client = new Client({ url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false });
const byUrql = await new Promise((resolve) => {
  let values = 0;
  client.subscription(query, {}).subscribe(({ data, error, hasNext }) => {
    if (error || !hasNext) resolve({ values, error: error?.message });
    else values += data ? 1 : 0;
  });
});
console.log(`urql: ${byUrql.values} values, ${byUrql.error}`);

let values = 0;
for await (const { data } of createClient({ url, retryAttempts: 0 }).iterate({ query })) values += data ? 1 : 0;
console.log(`graphql-sse: ${values} values`);
process.exit(byUrql.values === 0 && byUrql.error?.includes("No Content") && values === 3 ? 0 : 1);
JS
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$work/venv/bin/uvicorn" count:app --port "$port" --log-level warning &
server=$!
until "$work/venv/bin/python" -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null; do sleep 0.2; done
node ask.mjs "http://127.0.0.1:$port/"
