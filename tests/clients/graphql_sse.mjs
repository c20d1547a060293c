// graphql-sse: the client that the protocol of event streams comes from; and urql, which speaks it over its own fetch.
import { Client, fetchExchange } from "@urql/core";
import { createClient } from "graphql-sse";

import { authorization, given, http, tell } from "./server.mjs";

const VIEWER = "{ viewer { role } }";
const CLUSTER = "mutation ($input: ClusterKeywordsInput!) { clusterKeywords(input: $input) { job { id } } }";
const FOLLOW = "subscription ($id: ID!) { jobProgress(id: $id) { status done total } }";
const ACTIVITY = "subscription { accountActivity { status } }";

const connect = (headers = { authorization }) => createClient({ url: http, headers, retryAttempts: 0 });

async function all(client, query, variables) {
  const results = [];
  for await (const result of client.iterate({ query, variables })) results.push(result);
  return results;
}

const codes = ([{ errors }]) => errors.map(({ extensions }) => extensions.code);

const client = connect();
const [[viewer], [started]] = await Promise.all([
  all(client, VIEWER),
  all(client, CLUSTER, { input: { sectorId: given.sector } }),
]);
const { id } = started.data.clusterKeywords.job;

const urql = new Client({
  url: http,
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization } },
});
const byUrql = new Promise((resolve) => {
  const statuses = [];
  urql.subscription(FOLLOW, { id }).subscribe(({ data, error, hasNext }) => {
    if (error || !hasNext) resolve(error?.message ?? statuses);
    else statuses.push(data.jobProgress.status);
  });
});

const [first, second, statuses, nothing] = await Promise.all([
  all(client, FOLLOW, { id }),
  all(client, FOLLOW, { id }),
  byUrql,
  all(client, FOLLOW, { id: "job_nothing" }),
]);

let heard = 0;
for await (const { data } of client.iterate({ query: ACTIVITY })) {
  heard += data ? 1 : 0;
  break; // a stream without an end is left
}
client.dispose();

tell({
  role: viewer.data.viewer.role,
  followed: [first, second].map((results) => results.map(({ data }) => data.jobProgress)),
  byUrql: statuses,
  nothing: codes(nothing),
  invalid: codes(await all(connect(), "{ nonsense }")),
  noToken: codes(await all(connect({}), FOLLOW, { id })),
});
