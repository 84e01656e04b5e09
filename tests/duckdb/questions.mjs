// Asks the questions of docs/sql.md in DuckDB: those that it shares with SQLite must have the same answers.
// Prints a line for each question.
//
//   node questions.mjs PROGRAM TRACE FOLDER PAGE      FOLDER: an export of TRACE
//
// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const require = createRequire(join(process.env.NODE_PATH ?? process.cwd(), "package.json"));
const { DuckDBInstance } = require("@duckdb/node-api");

const [program, trace, folder, page] = process.argv.slice(2).map((path) => resolve(path));
const db = await (await DuckDBInstance.create(":memory:")).connect();
const text = readFileSync(page, "utf8");
let failed = 0;

process.chdir(folder);
await db.run(readFileSync("views.sql", "utf8"));

// Integers and decimals of all kinds as numbers.
const plain = (value) => value === null ? null : typeof value === "string" ? value : Number(String(value));

for (const section of text.split("\n## ").slice(1)) {
  const title = section.split("\n")[0];
  const block = (kind) => section.match(new RegExp("```" + kind + "\\n([^]*?)\\n```"))?.[1];
  const own = block("duckdb");
  const rows = (await db.runAndReadAll(own ?? block("sql"))).getRows();
  if (own) {
    console.log(`${title} ${rows.length} rows`);
    continue;
  }
  const answer = execFileSync(program, ["sql", "--output", "json", trace, block("sql")], { encoding: "utf8" })
    .split("\n").filter((line) => line).map((line) => JSON.stringify(Object.values(JSON.parse(line))));
  const found = rows.map((row) => JSON.stringify(row.map(plain)));
  const same = JSON.stringify(answer) === JSON.stringify(found);
  console.log(`${title} ${rows.length} rows, ${same ? "the same" : "others"}`);
  if (!same)
    console.log(answer, found);
  failed += !same;
}
process.exit(failed ? 1 : 0);
