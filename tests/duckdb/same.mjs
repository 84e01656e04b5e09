// Compares two exports of a trace in DuckDB: their tables and views must have the same rows, and facts in the same
// order.
//
//   node same.mjs FOLDER FOLDER      the second one: written with --jobs
//
// SPDX-License-Identifier: MIT

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const require = createRequire(join(process.env.NODE_PATH ?? process.cwd(), "package.json"));
const { DuckDBInstance } = require("@duckdb/node-api");

const folders = process.argv.slice(2, 4).map((path) => resolve(path));
const db = await (await DuckDBInstance.create(":memory:")).connect();
const files = (folder, table) => existsSync(join(folder, table)) ? `${folder}/${table}/*.parquet`
  : `${folder}/${table}.parquet`;
const tables = new Set(readdirSync(folders[0]).map((name) => name.replace(/\.parquet$/, "")));
let failed = 0;

async function rows(sql) {
  return (await db.runAndReadAll(sql)).getRows();
}

tables.delete("views.sql");
for (const table of tables) {
  const [a, b] = folders.map((folder) => `select * from '${files(folder, table)}'`);
  const is_fact = existsSync(join(folders[1], table));
  const numbered = (sql) => is_fact ? `select row_number() over () as row, * from (${sql})` : sql;
  const [[count]] = await rows(`select count(*) from (${a})`);
  const [[differ]] = await rows(`select count(*) from (
    (from (${numbered(a)}) except all from (${numbered(b)})) union all
    (from (${numbered(b)}) except all from (${numbered(a)})))`);
  console.log(`${table}: ${count} rows, ${differ} differ`);
  failed += differ > 0;
}

// The views, which look up names.
for (const [i, folder] of folders.entries()) {
  process.chdir(folder);
  await db.run(`create schema s${i}; use s${i}`);
  await db.run(readFileSync("views.sql", "utf8"));
  for (const table of tables)
    await db.run(`create table main.${table}_${i} as select * from s${i}."${table}"`);
}
for (const table of tables) {
  const [a, b] = [0, 1].map((i) => `from main.${table}_${i}`);
  const [[differ]] = await rows(`select count(*) from ((${a} except all ${b}) union all (${b} except all ${a}))`);
  if (differ > 0)
    console.log(`view ${table}: ${differ} rows differ`);
  failed += differ > 0;
}
process.exit(failed ? 1 : 0);
