// urql: queries by GET while they are short, mutations by POST, subscriptions over graphql-ws.
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";

import { authorization, connect, given, http, tell } from "./server.mjs";

const SECTOR = "query ($id: ID!) { sector(id: $id) { name keywords { totalCount } } }";
const CLUSTER = `mutation ($input: ClusterKeywordsInput!) {
  clusterKeywords(input: $input) { job { id } userErrors { code field } }
}`;
const FOLLOW = "subscription ($id: ID!) { jobProgress(id: $id) { status } }";

const methods = [];
const socket = connect();
const forwardSubscription = ({ query, variables }) => ({
  subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
});
const client = new Client({
  url: http,
  exchanges: [cacheExchange, fetchExchange, subscriptionExchange({ forwardSubscription })],
  fetchOptions: { headers: { authorization } },
  fetch: (address, options) => {
    methods.push(options.method);
    return fetch(address, options);
  },
});

const followed = (id) =>
  new Promise((resolve) => {
    const statuses = [];
    client.subscription(FOLLOW, { id }).subscribe(({ data, error, hasNext }) => {
      if (error || !hasNext) resolve(error?.message ?? statuses);
      else statuses.push(data.jobProgress.status);
    });
  });

const read = await client.query(SECTOR, { id: given.sector });
const refused = await client.mutation(CLUSTER, { input: { sectorId: "sec_nothing" } });
const invalid = await client.query("{ nonsense }", {});
const started = await client.mutation(CLUSTER, { input: { sectorId: given.sector } });
const statuses = await followed(started.data.clusterKeywords.job.id);
await socket.dispose();

tell({
  totalCount: read.data.sector.keywords.totalCount,
  userErrors: refused.data.clusterKeywords.userErrors.map(({ code, field }) => ({ code, field })),
  invalid: invalid.error.graphQLErrors.map(({ extensions }) => extensions.code),
  methods,
  statuses,
});
