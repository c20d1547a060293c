// Apollo Client without React: pages of a connection in its cache, errors, subscriptions over graphql-ws.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { lastValueFrom, toArray } from "rxjs";

import { authorization, connect, given, http, tell } from "./server.mjs";

const PLAN = gql`
  query Plan($sector: ID!, $after: String) {
    sector(id: $sector) {
      id
      site { id name }
      keywords(first: 2, after: $after, orderBy: [{ field: KEYWORD }]) {
        totalCount
        edges { node { id keyword sector { id name } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`;
const CREATE_SECTOR = gql`
  mutation CreateSector($input: CreateSectorInput!) {
    createSector(input: $input) { sector { id } userErrors { code field } }
  }
`;
const CLUSTER = gql`
  mutation Cluster($input: ClusterKeywordsInput!) {
    clusterKeywords(input: $input) { job { id status } }
  }
`;
const FOLLOW = gql`
  subscription Follow($id: ID!) {
    jobProgress(id: $id) { status job { id status } }
  }
`;

const socket = connect();
const client = new ApolloClient({
  link: ApolloLink.split(
    ({ operationType }) => operationType === "subscription",
    new GraphQLWsLink(socket),
    new HttpLink({ uri: http, headers: { authorization } }),
  ),
  cache: new InMemoryCache({
    typePolicies: { Sector: { fields: { keywords: relayStylePagination(["filter", "orderBy"]) } } },
  }),
});
const stranger = new ApolloClient({ link: new HttpLink({ uri: http }), cache: new InMemoryCache() });

async function readToTheEnd(variables) {
  const shown = client.watchQuery({ query: PLAN, variables });
  let { data } = await client.query({ query: PLAN, variables });
  while (data.sector.keywords.pageInfo.hasNextPage)
    ({ data } = await shown.fetchMore({ variables: { after: data.sector.keywords.pageInfo.endCursor } }));
  return client.readQuery({ query: PLAN, variables }).sector;
}

async function codes(promise) {
  const error = await promise.catch((refusal) => refusal);
  return CombinedGraphQLErrors.is(error) ? error.errors.map(({ extensions }) => extensions.code) : String(error);
}

const sector = await readToTheEnd({ sector: given.sector });
const input = { siteId: "site_nothing", name: "Tea" };
const refused = await client.mutate({ mutation: CREATE_SECTOR, variables: { input } });
const started = await client.mutate({ mutation: CLUSTER, variables: { input: { sectorId: given.sector } } });
const { id } = started.data.clusterKeywords.job;
const results = await lastValueFrom(client.subscribe({ query: FOLLOW, variables: { id } }).pipe(toArray()));
await socket.dispose();

tell({
  site: sector.site.name,
  totalCount: sector.keywords.totalCount,
  keywords: sector.keywords.edges.map(({ node }) => node.keyword),
  userErrors: refused.data.createSector.userErrors.map(({ code, field }) => ({ code, field })),
  stranger: await codes(stranger.query({ query: PLAN, variables: { sector: given.sector } })),
  invalid: await codes(client.query({ query: gql`{ nonsense }` })),
  statuses: results.map(({ data }) => data.jobProgress.status),
  cached: client.cache.extract()[`Job:${id}`].status,
});
