---@meta lttnga.tables

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Result tables: how an analysis declares them, and what becomes of their rows.
---
---A table is declared as { ID, TITLE, COLUMNS, rows = function(w) ... end, ... }: see
---lttnga.columns, and docs/script-reference.md. When a window closes each gives one result, or
---several (`each`).
---
---A result is what renderers get. It has
---
---    id, title, class    its name, its title, and the title of all results of the table
---    columns             list of { title, class, name, unit, ... }, see lttnga.columns
---    group               for those of `each`: columns of what its rows have in common, or nil, and
---    group_cells         their cells
---    rows                list of rows: each a list of cells, and `record`, what it was made of; or
---    log                 what makes the rows in C, if there are many, see lttnga.log: in the
---                        format of the renderer (`format`), each once
---    host                the name of its machine, if it is known
---    has_hosts           whether its rows have host and trace themselves
---    dynamic             whether the columns differ from those that the analysis declares
---    text, classic       how it looks as text, and with --classic if that differs: see
---                        render_text
---    total               how many rows there would be without a limit
---    unlimited           whether nothing limits the rows
---    limit               the limit that was given, if one was
---    limited             whether a limit that was not given would hold, too
---    most                how many rows are shown at most; nil or 0: all
---    flat                for those of `each`: the field that text ranks the rows of all by
---    is_chosen           whether --columns named its columns
---    heading, above, unit, widths    what stands above it there
---    optional            whether people need not see that it has no rows
---    says                sentences about its rows, for a page; or nil
---    bare                its text is for other programs: no time range stands above it
---    parts               what names its rows if they are parts of a whole, see lttnga.keys, or nil
---    charts              its pictures, see lttnga.chart_field, or nil
---    ranked              the field that its rows are ranked by, or nil
---
---A renderer is a file render_NAME.lua, found by its name (--output NAME):
---
---    new(write, about)       -> object; write takes text, or what has a method write(file); about:
---                            gmt, date (how times are shown), width, classic, color (how text
---                            looks, see lttnga.terminal), windows (whether there are several),
---                            hosts (whether rows tell host and trace), machines (whether there
---                            are results of several), spreadsheet, classes (what LAMI's metadata
---                            tell, see render_lami)
---    :window(results, first, last)    the results of a window, and its begin and end (ns)
---    :finish(about)          the end: about.warnings (texts), .trace (the table "trace", see
---                            lttnga.trace_table, or nil), .single (whether there is one table
---                            beside it), .lost (streams that have lost something)
---    :log_spec(one, columns) how lttnga.log writes the rows of a table, see there
local tables = {}

---Finds a column by its name, as --columns has it, or by its title.
---@param list table columns of a result
---@param name string
---@return integer? # its number; nil if there is none
function tables.find_column(list, name) end

return tables
