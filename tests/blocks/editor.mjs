// What WordPress's editor makes of bodies: JSON of {blocks: [text], html: [text]} on stdin, an answer for each on stdout.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import "./browser.mjs";

const require = createRequire(import.meta.url); // its modules import JSON in a way that Node.js has given up
const { autop } = require("@wordpress/autop");
const { parse, rawHandler, serialize } = require("@wordpress/blocks");
require("@wordpress/block-library").registerCoreBlocks();
for (const say of ["info", "warn", "error", "groupCollapsed"]) console[say] = () => {};

const all = (blocks) => blocks.flatMap((block) => [block, ...all(block.innerBlocks)]);
const said = ({ validationIssues }) => (validationIssues ?? []).map(({ args }) => args.map(String).join(" ").slice(0, 400));

function readBlocks(text) {
  const blocks = parse(text);
  return {
    names: all(blocks).map(({ name }) => name),
    invalid: all(blocks).filter(({ isValid }) => !isValid).map((block) => [block.name, ...said(block)]),
    again: serialize(blocks),
  };
}

const readHtml = (text) => ({ autop: autop(text), converted: serialize(rawHandler({ HTML: text })) });

const { blocks, html } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({ blocks: blocks.map(readBlocks), html: html.map(readHtml) }));
