// graphql-ws: the client that the protocol graphql-transport-ws comes from.
import WebSocket from "ws";

import { authorization, connect, given, tell, ws } from "./server.mjs";

const VIEWER = "{ viewer { role } }";
const CLUSTER = "mutation ($input: ClusterKeywordsInput!) { clusterKeywords(input: $input) { job { id } } }";
const FOLLOW = "subscription ($id: ID!) { jobProgress(id: $id) { status done total } }";

async function all(client, query, variables) {
  const results = [];
  for await (const result of client.iterate({ query, variables })) results.push(result);
  return results;
}

async function closed(connectionParams) {
  try {
    return await all(connect(connectionParams), VIEWER);
  } catch ({ code, reason }) {
    return { code, reason };
  }
}

const opened = (protocol) =>
  new Promise((resolve) => {
    const socket = new WebSocket(ws, protocol);
    socket.on("open", () => resolve("opened"));
    socket.on("error", ({ message }) => resolve(message));
  });

let sockets = 0;
const client = connect({ authorization }, { opened: () => sockets++ });
const [[viewer], [started]] = await Promise.all([
  all(client, VIEWER),
  all(client, CLUSTER, { input: { sectorId: given.sector } }),
]);
const { id } = started.data.clusterKeywords.job;
const [first, second, [nothing]] = await Promise.all([
  all(client, FOLLOW, { id }),
  all(client, FOLLOW, { id }),
  all(client, FOLLOW, { id: "job_nothing" }),
]);
await client.dispose();

tell({
  role: viewer.data.viewer.role,
  followed: [first, second].map((results) => results.map(({ data }) => data.jobProgress)),
  nothing: nothing.errors.map(({ extensions }) => extensions.code),
  sockets,
  wrongToken: await closed({ authorization: "Bearer wrong" }),
  noToken: await closed({}),
  olderProtocol: await opened("graphql-ws"),
});
