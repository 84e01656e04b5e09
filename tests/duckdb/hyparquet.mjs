// Reads all tables of an export with hyparquet and with DuckDB: both must find the same. Prints a line for
// each table.
//
//   node hyparquet.mjs FOLDER
//
// SPDX-License-Identifier: MIT

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const modules = process.env.NODE_PATH ?? process.cwd();
const require = createRequire(join(modules, "package.json"));
const { DuckDBInstance } = require("@duckdb/node-api");
const load = (name) => import(pathToFileURL(join(modules, "node_modules", name)));
const { asyncBufferFromFile, parquetReadObjects, parquetMetadataAsync } = await load("hyparquet/src/node.js");
const { compressors } = await load("hyparquet-compressors/src/index.js");

const folder = resolve(process.argv[2]);
const db = await (await DuckDBInstance.create(":memory:")).connect();
let failed = 0;

// Numbers as they are written, times as ns.
const plain = (value) => value instanceof Date ? BigInt(value.getTime()) * 1000000n : value ?? null;
const text = (row) => JSON.stringify(row, (key, value) => typeof value === "bigint" ? value.toString() : value);

for (const name of readdirSync(folder).filter((name) => name.endsWith(".parquet"))) {
  const file = await asyncBufferFromFile(join(folder, name));
  const metadata = await parquetMetadataAsync(file);
  // As integers: a Date has no ns.
  for (const element of metadata.schema) delete element.logical_type?.unit, delete element.converted_type_time;
  const times = metadata.schema.filter((element) => element.logical_type?.type === "TIMESTAMP");
  for (const element of times) delete element.logical_type;
  const rows = await parquetReadObjects({ file, metadata, compressors });
  const columns = metadata.schema.slice(1).map((element) => element.name);
  const asked = columns.map((column) => times.some((time) => time.name === column)
    ? `epoch_ns("${column}")` : `"${column}"`);
  const other = (await db.runAndReadAll(`select ${asked} from '${join(folder, name)}'`)).getRows();
  let differ = rows.length === other.length ? 0 : 1;
  for (let i = 0; i < rows.length && differ === 0; i++)
    differ += text(columns.map((column) => plain(rows[i][column]))) !== text(other[i].map(plain));
  console.log(`${name}: ${rows.length} rows, ${differ ? "which differ" : "the same"}`);
  failed += differ;
}
process.exit(failed ? 1 : 0);
