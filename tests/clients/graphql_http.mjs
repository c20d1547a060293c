// The audits of graphql-http: GraphQL over HTTP as the authors of its specification check it.
import { auditServer } from "graphql-http";

import { http, tell } from "./server.mjs";

const results = await auditServer({ url: http });
tell(results.map(({ id, name, status, reason }) => ({ id, name, status, reason })));
