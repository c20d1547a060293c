// What a Relay application of this API consists of; relay-compiler reads it, nobody runs it.
import { graphql } from "relay-runtime";

graphql`
  fragment operations_keywords on Sector
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 2 }
    cursor: { type: "String" }
    filter: { type: "KeywordFilter" }
  )
  @refetchable(queryName: "operationsKeywordsQuery") {
    keywords(first: $count, after: $cursor, filter: $filter, orderBy: [{ field: KEYWORD }])
      @connection(key: "operations_keywords", filters: ["filter"]) {
      totalCount
      edges {
        node {
          keyword
          volume
          cluster {
            name
          }
        }
      }
    }
  }
`;

graphql`
  fragment operations_clusters on Site
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "operationsClustersQuery") {
    clusters(last: $count, before: $cursor) @connection(key: "operations_clusters") {
      edges {
        node {
          name
          keywordsCount
        }
      }
    }
  }
`;

graphql`
  query operationsPlanQuery($sector: ID!) {
    sector(id: $sector) {
      name
      ...operations_keywords
      site {
        ...operations_clusters
      }
    }
  }
`;

graphql`
  mutation operationsClusterMutation($input: ClusterKeywordsInput!) {
    clusterKeywords(input: $input) {
      job {
        id
        status
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`;

graphql`
  mutation operationsDeleteMutation($ids: [ID!]!) {
    deleteAuthorProfiles(ids: $ids) {
      deletedIds @deleteRecord
    }
  }
`;

graphql`
  subscription operationsJobSubscription($id: ID!) {
    jobProgress(id: $id) {
      status
      done
      total
      job {
        status
        finishedAt
      }
    }
  }
`;
