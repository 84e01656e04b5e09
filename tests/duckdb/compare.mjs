// Compares the tables of `lttnga-run export` with what the analyses print, in DuckDB: no row may differ for
// any of the questions below.
//
//   node compare.mjs PROGRAM TRACE FOLDER [REQUEST]
//
// FOLDER is an export of TRACE, with --request REQUEST if that is given.
//
// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createRequire } from "node:module";

const require = createRequire(join(process.env.NODE_PATH ?? process.cwd(), "package.json"));
const { DuckDBInstance } = require("@duckdb/node-api");

const [program, trace, folder] = process.argv.slice(2, 5).map((path) => resolve(path));
const request = process.argv[5];
const scratch = mkdtempSync(join(tmpdir(), "lttnga-duckdb-"));

// What an analysis prints (`csv`, the rows of one of its tables), and the same from the tables.
const questions = [
  ["iolog", [], "log",
    `select "Time range begin (ns)", "Time range end (ns)", "Duration (ns)", "Name", "Size (bytes)", "Process",
       "Process TID", "Path", "File descriptor" from csv where not "Open"
       and "Name" not in (select name from syscall where io_class = 'copy')`,
    `select epoch_ns(ts), epoch_ns(ts) + dur, dur, name, size, thread_name, tid, path, fd from syscall
       where dur is not null and io_class <> 'copy'`],
  ["irqlog", [], "log",
    `select "Time range begin (ns)", "Time range end (ns)", "Raised (ns)", "CPU", "Interrupt", "Interrupt number",
       "Kind" from csv where not "Open"`,
    `select epoch_ns(ts), epoch_ns(ts) + dur, null::bigint, cpu, name, irq, 'hard' from irq where dur is not null
     union all select epoch_ns(ts), epoch_ns(ts) + dur, epoch_ns(raise), cpu, name, vec, 'soft' from softirq
       where dur is not null`],
  ["timehist", [], "slices",
    `select "time (ns)", "cpu", case when "task name TID" = 0 then 'swapper' else "task name" end, "task name TID",
       "wait time (ns)", "sch delay (ns)", "run time (ns)" from csv`,
    `select epoch_ns(ts) + dur, cpu, thread_name, tid, wait, delay, dur from sched where busy is not null`],
  ["waitslog", [], "log",
    `select "Begin (ns)", "End (ns)", "TID", "Procname", "State", "Cause", "Syscall", "File descriptor", "Path", "Disk",
       "Sector", "Interface", "Peer", "Waker", "Waker TID", "Waker context", "IRQ", "IRQ name", "Softirq", "Source",
       "Source TID", "Source time (ns)" from csv`,
    `select epoch_ns(ts), epoch_ns(ts) + dur, tid, thread_name, state, cause, syscall, fd, path, disk, sector, netif,
       peer, waker_name, waker_tid, context, irq, irq_name, softirq, source_name, source_tid, epoch_ns(source_time)
       from wait where cause is distinct from 'work'`],
  ["biosnoop", [], "log",
    `select "TIME (ns)", "COMM", "PID", "DISK", "SECTOR", "BYTES (bytes)", "LAT (ns)" from csv where not "Open"`,
    `select epoch_ns(ts) + dur, thread_name, pid, disk, sector, size, dur from disk_request where dur is not null`],
  ["syscallstats", [], "per-tid",
    `select "Process TID", "System call", sum("Count")::bigint, min("Min (ns)"), max("Max (ns)") from csv group by 1, 2`,
    `select tid, name, count(*), min(dur), max(dur) from syscall where dur is not null group by 1, 2`],
  ["syscalls", [], "syscalls",
    `select "Syscall", "Calls", "Errors", "Total (ns)", "Min (ns)", "Max (ns)" from csv`,
    `select name, count(*), count(*) filter (error <> 0), sum(dur)::bigint, min(dur), max(dur) from syscall
       where dur is not null group by 1`],
  ["irqstats", [], "hard-stats",
    `select "Interrupt number", "Interrupt", "Count", "Min (ns)", "Max (ns)" from csv`,
    `select irq, name, count(*), min(dur), max(dur) from irq where dur is not null group by 1, 2`],
  ["schedstates", [], "per-thread-states",
    `select "Process TID", sum("Running (ns)")::bigint, sum("Woken (ns)")::bigint, sum("Preempted (ns)")::bigint,
       sum("Blocked (ns)")::bigint, sum("Asleep (ns)")::bigint from csv group by 1`,
    `select tid, coalesce(sum(dur) filter (state = 'running'), 0)::bigint,
       coalesce(sum(dur) filter (state = 'woken'), 0)::bigint,
       coalesce(sum(dur) filter (state = 'preempted'), 0)::bigint,
       coalesce(sum(dur) filter (state = 'uninterruptible'), 0)::bigint,
       coalesce(sum(dur) filter (state in ('interruptible', 'idle')), 0)::bigint from thread_state where tid > 0 group by 1`],
  ["cputop", [], "per-process",
    `select "Process TID", round(sum("CPU usage"), 9) from csv group by 1`,
    `select tid, round(sum(dur) / (select epoch_ns("end") - epoch_ns("begin") from trace), 9) from sched
       where utid > 0 group by 1`],
  ["iolatencystats", [], "syscall-latency-stats",
    `select "Type", "Count", "Min (ns)", "Max (ns)" from csv`,
    `select upper(io_class[1]) || io_class[2:], count(*), min(dur), max(dur) from (
       select dur, unnest(case io_class when 'copy' then ['read', 'write'] else [io_class] end) as io_class
       from syscall where dur is not null) where io_class in ('open', 'read', 'write', 'sync') group by 1`],
  ["pageflush", [], "calls",
    `select "Time range begin (ns)", "Duration (ns)", "Name", "Process", "Process TID", "Path", "On CPU (ns)",
       "Runnable (ns)", "Data (ns)", "Journal (ns)", "Others (ns)", "Rest (ns)" from csv where not "Open"`,
    `select epoch_ns(ts), dur, name, thread_name, tid, path, on_cpu, runnable, data, journal, others, rest
       from sync where dur is not null and epoch_ns(ts) in (select "Time range begin (ns)" from csv)`],
  ["dirtytop", [], "process",
    `select "Process PID", sum("Dirtied pages")::bigint, sum("Flushed pages")::bigint from csv group by 1`,
    `select coalesce(d.pid, f.pid), coalesce(dirtied, 0)::bigint, coalesce(flushed, 0)::bigint from
       (select pid, sum(size) // 4096 as dirtied from page_dirty group by 1) d full join
       (select owner_pid as pid, sum(size) // 4096 as flushed from page_flush
         where owner_upid is not null group by 1) f
       on f.pid is not distinct from d.pid`],
  ["waits", [], "per-cause",
    `select "Cause", "Count", "Total (ns)", "Max (ns)" from csv`,
    `select cause, count(*), sum(dur)::bigint, max(dur) from wait where cause <> 'work' group by 1`],
];

if (request)
  // With --request, all.lua would be of the time of requests; without it the model knows fewer names.
  questions.push(["requestslog", ["--request", request], "log",
    `select "Begin (ns)", "Duration (ns)", "PID", "TID", "Error", "Bytes (bytes)" from csv where not "Open"`,
    `select epoch_ns(ts), dur, pid, tid, error, size from request where dur is not null`]);

const db = await (await DuckDBInstance.create(":memory:")).connect();
process.chdir(folder);
await db.run(readFileSync("views.sql", "utf8"));
let failed = 0;

async function rows(sql) {
  return (await db.runAndReadAll(sql)).getRows();
}

for (const [analysis, options, table, csv, sql] of questions) {
  const path = join(scratch, analysis + ".csv");
  const asked = options.length ? analysis : `${analysis},${join(import.meta.dirname, "all.lua")}`;
  const text = execFileSync(program, [asked, "--limit", "0", "--no-cache", "--output", "csv", "--table", table,
    ...options, trace], { maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "ignore"] });
  writeFileSync(path, text);
  if (text.length === 0) {
    console.log(`${analysis}: no rows`);
    continue;
  }
  await db.run(`create or replace temp table csv as select * from read_csv('${path}', header = true, sample_size = -1)`);
  const [[count]] = await rows(`select count(*) from (${sql})`);
  const differ = await rows(`with a as (${csv}), b as (${sql}) select * from (
    (select 'analysis' which, * from (from a except all from b)) union all
    (select 'tables', * from (from b except all from a))) order by 2 limit 20`);
  console.log(`${analysis}: ${count} rows, ${differ.length === 20 ? "20 or more" : differ.length} differ`);
  for (const row of differ.slice(0, 6))
    console.log("  " + row.map(String).join(" | "));
  failed += differ.length > 0;
}
rmSync(scratch, { recursive: true });
process.exit(failed ? 1 : 0);
