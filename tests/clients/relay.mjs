// Relay's store over what relay-compiler has made of relay/operations.js; what Relay warns of is told too.
import { createRequire } from "node:module";

import relay from "relay-runtime";

import { authorization, connect, given, http, tell } from "./server.mjs";

const require = createRequire(`${given.artifacts}/`);
const artifact = (name) => require(`./${name}.graphql.js`);

const warnings = [];
console.error = (...said) => warnings.push(said.join(" "));

const socket = connect();
async function fetched({ text: query }, variables) {
  const headers = { "content-type": "application/json", authorization };
  const answer = await fetch(http, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}
const subscribed = ({ text: query }, variables) =>
  relay.Observable.create((sink) => socket.subscribe({ query, variables }, sink));
const environment = new relay.Environment({
  network: relay.Network.create(fetched, subscribed),
  store: new relay.Store(new relay.RecordSource()),
});
const query = (name, variables) => relay.fetchQuery(environment, artifact(name), variables).toPromise();

async function readToTheEnd(sector) {
  const plan = relay.createOperationDescriptor(artifact("operationsPlanQuery"), { sector });
  environment.retain(plan);
  await query("operationsPlanQuery", { sector });
  const shown = () => {
    const parent = environment.lookup(plan.fragment).data.sector;
    return environment.lookup(relay.getSelector(artifact("operations_keywords"), parent)).data.keywords;
  };
  for (let page = 1; page < 5 && shown().pageInfo.hasNextPage; page++)
    await query("operationsKeywordsQuery", { id: sector, cursor: shown().pageInfo.endCursor });
  return shown();
}

const mutated = (name, variables) =>
  new Promise((onCompleted, onError) =>
    relay.commitMutation(environment, { mutation: artifact(name), variables, onCompleted, onError }),
  );

const followed = (id) =>
  new Promise((resolve, onError) => {
    const statuses = [];
    relay.requestSubscription(environment, {
      subscription: artifact("operationsJobSubscription"),
      variables: { id },
      onNext: ({ jobProgress }) => statuses.push(jobProgress.status),
      onCompleted: () => resolve(statuses),
      onError,
    });
  });

const { totalCount, edges } = await readToTheEnd(given.sector);
const { clusterKeywords } = await mutated("operationsClusterMutation", { input: { sectorId: given.sector } });
const statuses = await followed(clusterKeywords.job.id);
await socket.dispose();

tell({ totalCount, keywords: edges.map(({ node }) => node.keyword), statuses, warnings });
