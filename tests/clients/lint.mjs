// graphql-eslint over the SDL: its recommended rules for schemas, Relay's, and the settings that are given for some.
import { dirname } from "node:path";

import graphql from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";

const { sdl, settings } = JSON.parse(process.argv[2]);
const { "flat/schema-recommended": recommended, "flat/schema-relay": relay } = graphql.configs;
const PREFIX = "@graphql-eslint/";
const own = Object.entries(settings).map(([rule, setting]) => [PREFIX + rule, setting]);
const eslint = new ESLint({
  cwd: dirname(sdl),
  overrideConfigFile: true,
  overrideConfig: {
    files: ["**/*.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: sdl } } },
    rules: { ...recommended.rules, ...relay.rules, ...Object.fromEntries(own) },
  },
});
const [{ messages }] = await eslint.lintFiles([sdl]);
const complaints = {};
for (const { ruleId, line, message } of messages)
  (complaints[ruleId?.replace(PREFIX, "")] ??= []).push(`line ${line}: ${message}`);
console.log(JSON.stringify(complaints));
