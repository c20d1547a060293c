// PostGraphile 5 over the same tables: one process, a pool of 16, the same role and policies through pgSettings.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const preset = {
  extends: [PostGraphileAmberPreset],
  disablePlugins: ["PgIndexBehaviorsPlugin"], // offers conditions on indexed columns alone
  pgServices: [makePgService({
    connectionString: process.env.IGNY8_DATABASE_URL,
    poolConfig: { max: 16 },
    schemas: ["public"],
  })],
  schema: { defaultBehavior: "+list +connection -insert -update -delete" },
  gather: { installWatchFixtures: false },
  grafserv: { watch: false, graphiql: false, graphqlPath: "/graphql" },
  grafast: {
    explain: false,
    context: (request) => ({
      pgSettings: {
        role: "igny8_api",
        "igny8.account": request.node?.req.headers["x-account"] ?? "",
        "igny8.sites": "*",
      },
    }),
  },
};
const server = createServer();
server.on("error", (error) => { console.error(error); process.exit(1); });
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
