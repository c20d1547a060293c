#!/bin/sh
# @wordpress/autop 4.36.0: a paragraph that holds an ideographic space (U+3000), which Chinese and Japanese writers use
# for an empty line, comes back as a closing tag alone: autop("<p>\u3000</p>") is "</p>\n".
#
# Why: the port of WordPress's wpautop removes "<p>\s*</p>" around what it has split, and \s of JavaScript takes the
# ideographic space, which \s of PHP's expressions without /u does not: PHP keeps the paragraph.
#
# Who meets it: editors and previews that show what wpautop would make of a text, in JavaScript: the page has a stray
# end tag, which browsers turn into an empty paragraph, and differs from what the site serves.
#
# Seen: "</p>\n" and "<p>a</p>\n</p>\n<p>b</p>\n"; with a plain letter the paragraph stays. Ends with 1 when that
# changes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes >/dev/null
npm install --no-audit --no-fund --loglevel=error @wordpress/autop@4.36.0 >/dev/null
cat > try.js <<'JS'
const { autop } = require("@wordpress/autop");
const seen = ["<p>\u3000</p>", "<p>a</p>\n\n<p>\u3000</p>\n\n<p>b</p>", "<p>x</p>"].map((html) => autop(html));
console.log(seen.map((html) => JSON.stringify(html)).join(" "));
const known = ["</p>\n", "<p>a</p>\n</p>\n<p>b</p>\n", "<p>x</p>\n"];
process.exit(JSON.stringify(seen) === JSON.stringify(known) ? 0 : 1);
JS
node try.js
