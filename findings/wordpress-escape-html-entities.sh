#!/bin/sh
# @wordpress/escape-html 3.36.0: escapeAttribute and escapeHTML leave "&" alone where what follows looks like an entity,
# so that a text which speaks of one is written as that character: escapeAttribute("Use &lt;b&gt; & c") is
# "Use &lt;b&gt; &amp; c", which is read as "Use <b> & c", and "?a=1&copy;=2" stays and is read as "?a=1(c)=2".
#
# Why: escapeAmpersand escapes only what "(?!name;|#123;|#x1f;)" does not follow, as if texts were already escaped.
#
# Who meets it: serialisers of WordPress's blocks use it. An image block whose alt text or address holds such a text in
# its right form ("&amp;lt;") is called invalid by the editor ("Expected attribute alt of value ..."), since it would
# write it otherwise. Texts about HTML and addresses with a parameter called like an entity are the usual cases.
#
# Seen: "Use &lt;b&gt; &amp; c | ?a=1&copy;=2 | say &amp; so". Ends with 1 when that changes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes >/dev/null
npm install --no-audit --no-fund --loglevel=error @wordpress/escape-html@3.36.0 >/dev/null
cat > try.js <<'JS'
const { escapeAttribute, escapeHTML } = require("@wordpress/escape-html");
const seen = [escapeAttribute("Use &lt;b&gt; & c"), escapeAttribute("?a=1&copy;=2"), escapeHTML("say &amp; so")].join(" | ");
console.log(seen);
process.exit(seen === "Use &lt;b&gt; &amp; c | ?a=1&copy;=2 | say &amp; so" ? 0 : 1);
JS
node try.js
