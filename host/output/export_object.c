/*
 * Exports as objects of Lua, and the tables that collects feed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/export_object.h"

#include "host/accumulate/identity_cache.h"
#include "host/lua/collector.h"
#include "host/lua/cursor.h"
#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/lua/script_fault.h"
#include "host/output/entity_journal.h"
#include "host/output/export.h"
#include "host/output/export_entities.h"
#include "state/hash.h"

#include <string.h>
#include <unistd.h>

_Static_assert(EXPORT_NULL == VALUE_ABSENT, "what is absent is null");

/* Columns that a table may have. */
#define COLUMNS_MAX 64

/* The user value that keeps what an object needs. */
#define KEPT 1

struct file {
	struct export *export; /* NULL: it is closed */
	GHashTable *taken;     /* numbers of files and disks of all machines, as keys */
	pid_t owner;           /* the process that has opened it; copies of it write parts */
};

struct machine {
	struct file *file;
	int64_t number;
	struct export_entities *entities;
	struct entity_journal *journal; /* of these, in a process that writes a part; else NULL */
	GPtrArray *journals;            /* GBytes: those of all parts, and their texts */
	enum export_entity_field fields[EXPORT_ENTITY_KINDS][COLUMNS_MAX];
};

/* What becomes of a field. */
enum kind {
	KIND_VALUE,      /* it is shown */
	KIND_ENTITY,     /* likewise, as a number of all hosts */
	KIND_CONTAINER,  /* likewise; 0 is none */
	KIND_FILE,       /* the number of that path */
	KIND_DISK,       /* the number of that name */
	KIND_HOST,       /* the number of the host */
	KIND_UNNUMBERED, /* shown if the thread has no number */
};

static const char *const kind_names[] = {
	"value", "entity", "container", "file", "disk", "host", "unnumbered", NULL};

/* Fields that have a meaning of their own, whether there are columns of them or not. */
#define ROLES(R)                                     \
	R(TIME, "time", INT)                         \
	R(BEGIN, "begin", INT)                       \
	R(TID, "tid", INT)                           \
	R(PID, "pid", INT)                           \
	R(UTID, "utid", INT)                         \
	R(UPID, "upid", INT)                         \
	R(PROCNAME, "procname", TEXT)                \
	R(PROCESS, "process", TEXT)                  \
	R(PARENT, "parent_upid", INT)                \
	R(THREAD, "thread", BOOL)                    \
	R(CONTAINER, "container_id", INT)            \
	R(CONTAINER_NAME, "container", TEXT)         \
	R(CONTAINER_NS, "container_ns", INT)         \
	R(CONTAINER_PARENT, "container_parent", INT) \
	R(CGROUP, "cgroup", TEXT)                    \
	R(DEV, "dev", INT)

enum role {
#define X(role, name, kind) ROLE_##role,
	ROLES(X)
#undef X
		N_ROLES
};

static const struct collected_known roles[N_ROLES] = {
#define X(role, name, kind) {name, COLLECTED_##kind},
	ROLES(X)
#undef X
};

struct fact_column {
	const char *field; /* interned; NULL: none */
	enum kind kind;
	bool is_text, required;
	unsigned int at;             /* which of the fields that are fed it is */
	struct identity_cache known; /* numbers of texts */
};

struct facts {
	struct machine *machine;
	struct export_table *table;
	unsigned int n, age;
	bool ends;  /* each is the end of a thread */
	bool early; /* names are those of when it began */
	struct fact_column columns[COLUMNS_MAX];
	unsigned int roles[N_ROLES];
};

static const struct object_type file_type, machine_type, facts_type; /* below */

static struct file *check_file(lua_State *L)
{
	struct file *file = object_check(L, 1, &file_type);

	if (!file->export)
		luaL_error(L, "this export is closed");
	return file;
}

static void check_written(lua_State *L, const struct file *file)
{
	const char *why;

	if (!file->export)
		luaL_error(L, "this export is closed");
	why = export_failed(file->export);
	if (why)
		script_fault(L, "%s", why);
}

/* ---- Tables, as Lua describes them ---- */

struct layout {
	const char *name;
	unsigned int n;
	bool is_divided;
	struct export_column columns[COLUMNS_MAX];
	const char *fields[COLUMNS_MAX]; /* NULL: none */
	enum kind kinds[COLUMNS_MAX];
};

static const char *text_in(lua_State *L, int index, const char *key)
{
	const char *text;

	lua_getfield(L, index, key);
	text = lua_type(L, -1) == LUA_TSTRING ? g_intern_string(lua_tostring(L, -1)) : NULL;
	lua_pop(L, 1);
	return text;
}

static bool flag_in(lua_State *L, int index, const char *key)
{
	bool flag;

	lua_getfield(L, index, key);
	flag = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return flag;
}

/* Which of some names a text in a table is; the first one if there is none. */
static int option_in(lua_State *L, int index, const char *key, const char *const *names)
{
	int option;

	lua_getfield(L, index, key);
	option = luaL_checkoption(L, -1, names[0], names);
	lua_pop(L, 1);
	return option;
}

/* Reads the description on top of the stack. */
static void read_layout(lua_State *L, struct layout *layout)
{
	static const char *const types[] = {"integer", "time", "boolean", "text", NULL};
	int top = lua_gettop(L);

	luaL_checktype(L, top, LUA_TTABLE);
	layout->name = text_in(L, top, "name");
	/* Facts are what is made of events. */
	layout->is_divided = text_in(L, top, "event") != NULL;
	lua_getfield(L, top, "columns");
	luaL_checktype(L, -1, LUA_TTABLE);
	layout->n = (unsigned int)luaL_len(L, -1);
	if (!layout->name || layout->n == 0 || layout->n > COLUMNS_MAX)
		luaL_error(L, "a table needs a name and up to %d columns", COLUMNS_MAX);
	for (unsigned int i = 0; i < layout->n; i++) {
		int column = top + 2;

		lua_geti(L, top + 1, (lua_Integer)i + 1);
		luaL_checktype(L, column, LUA_TTABLE);
		layout->columns[i] = (struct export_column){text_in(L, column, "name"),
			(enum export_type)option_in(L, column, "type", types),
			flag_in(L, column, "required")};
		layout->fields[i] = text_in(L, column, "field");
		layout->kinds[i] = (enum kind)option_in(L, column, "kind", kind_names);
		lua_settop(L, top + 1);
	}
	lua_settop(L, top);
}

static struct export_table *table_of(
	lua_State *L, const struct file *file, const struct layout *layout)
{
	const struct export_layout of = {
		layout->name, layout->columns, layout->n, layout->is_divided};
	struct export_table *table = export_table(file->export, &of);

	if (!table) {
		check_written(L, file);
		luaL_error(L, "table '%s' exists with other columns", layout->name);
	}
	return table;
}

/* ---- Files ---- */

static int file_gc(lua_State *L)
{
	struct file *file = object_check(L, 1, &file_type);

	export_free(file->export);
	file->export = NULL;
	g_clear_pointer(&file->taken, g_hash_table_unref);
	return 0;
}

/*
 * open(path, { sqlite = boolean, replace = boolean, parts = boolean }) -> file, or nil and a message; `parts`: it may be
 * written in parts, by processes that are copies of this one
 */
static int module_open(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct export_writer *writer;
	GError *error = NULL;
	struct file *file;
	bool sqlite, replace, in_parts;

	luaL_checktype(L, 2, LUA_TTABLE);
	sqlite = flag_in(L, 2, "sqlite");
	replace = flag_in(L, 2, "replace");
	in_parts = flag_in(L, 2, "parts");
	file = object_new(L, &file_type, sizeof(*file), 0);
	writer = sqlite ? sqlite_file_new(path, replace, &error)
			: parquet_folder_new(path, replace, in_parts, &error);
	if (!writer)
		return push_failure(L, error);
	file->export = export_new(writer);
	file->taken = g_hash_table_new_full(number_hash, g_int64_equal, g_free, NULL);
	file->owner = getpid();
	return 1;
}

/* A value of a script on top of the stack, as a cell. */
static int64_t cell_of(lua_State *L, struct export *export, enum export_type type)
{
	if (lua_isnil(L, -1))
		return EXPORT_NULL;
	if (type == EXPORT_TEXT)
		return export_number(export, luaL_checkstring(L, -1));
	if (type == EXPORT_BOOLEAN)
		return lua_toboolean(L, -1);
	return luaL_checkinteger(L, -1);
}

/* export:add(table: table, row: table); adds a row of a script: values by the names of columns */
static int file_add(lua_State *L)
{
	struct file *file = check_file(L);
	int64_t cells[COLUMNS_MAX];
	struct layout layout;
	struct export_table *table;

	lua_settop(L, 3);
	luaL_checktype(L, 3, LUA_TTABLE);
	lua_pushvalue(L, 2);
	read_layout(L, &layout);
	table = table_of(L, file, &layout);
	for (unsigned int i = 0; i < layout.n; i++) {
		lua_getfield(L, 3, layout.columns[i].name);
		cells[i] = cell_of(L, file->export, layout.columns[i].type);
		lua_pop(L, 1);
	}
	export_row(table, cells);
	check_written(L, file);
	return 0;
}

/* export:rows(table: table) -> integer; how many rows it has so far */
static int file_rows(lua_State *L)
{
	struct file *file = check_file(L);
	struct layout layout;

	lua_settop(L, 2);
	read_layout(L, &layout);
	lua_pushinteger(L, (lua_Integer)export_rows(table_of(L, file, &layout)));
	return 1;
}

/* export:close(sql: string) -> true?, string?; ends it, with views and indexes; nil and a message if that fails */
static int file_close(lua_State *L)
{
	struct file *file = check_file(L);
	const char *sql = luaL_checkstring(L, 2);
	GError *error = NULL;
	bool closed = export_finish(file->export, sql, &error);

	export_free(file->export);
	file->export = NULL;
	return closed ? push_done(L) : push_failure(L, error);
}

/* ---- Machines ---- */

static int machine_gc(lua_State *L)
{
	struct machine *machine = object_check(L, 1, &machine_type);

	export_entities_free(machine->entities);
	machine->entities = NULL;
	g_clear_pointer(&machine->journals, g_ptr_array_unref);
	return 0;
}

/* Reads how the entities of a kind look, from the description on top of the stack. */
static struct export_entity_table read_entities(
	lua_State *L, const struct file *file, enum export_entity_field *fields)
{
	struct export_entity_table entities = {.fields = fields};
	struct layout layout;

	read_layout(L, &layout);
	entities.table = table_of(L, file, &layout);
	entities.n = layout.n;
	for (unsigned int i = 0; i < layout.n; i++) {
		int field = 0;

		while (field < EXPORT_ENTITY_FIELDS_N &&
			g_strcmp0(export_entity_fields[field], layout.fields[i]) != 0)
			field++;
		if (field == EXPORT_ENTITY_FIELDS_N)
			luaL_error(L, "column '%s' of table '%s' has no such field",
				layout.columns[i].name, layout.name);
		fields[i] = (enum export_entity_field)field;
	}
	return entities;
}

/*
 * export:machine(number: integer, entities: table) -> lttnga.ExportMachine; a machine, numbered from 1, and the
 * tables of its threads, processes, containers, files and disks
 */
static int file_machine(lua_State *L)
{
	static const char *const kinds[EXPORT_ENTITY_KINDS] = {
		[EXPORT_THREADS] = "thread",
		[EXPORT_PROCESSES] = "process",
		[EXPORT_CONTAINERS] = "container",
		[EXPORT_FILES] = "file",
		[EXPORT_DISKS] = "disk",
	};
	struct file *file = check_file(L);
	int64_t number = luaL_checkinteger(L, 2);
	struct export_entity_table tables[EXPORT_ENTITY_KINDS];
	struct machine *machine;

	luaL_checktype(L, 3, LUA_TTABLE);
	luaL_argcheck(L, number > 0 && number < 1 << 14, 2, "must be from 1 to 16383");
	machine = object_new(L, &machine_type, sizeof(*machine), KEPT);
	machine->file = file;
	machine->number = number;
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, KEPT);
	for (int kind = 0; kind < EXPORT_ENTITY_KINDS; kind++) {
		lua_getfield(L, 3, kinds[kind]);
		tables[kind] = read_entities(L, file, machine->fields[kind]);
		lua_pop(L, 1);
	}
	machine->entities = export_entities_new(file->export, tables, number, file->taken);
	machine->journals = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	return 1;
}

/*
 * machine:begin(); what follows is all that there is of it: parts that were merged are dropped. In another process than
 * that which has opened the export, a part begins
 */
static int machine_begin(lua_State *L)
{
	struct machine *machine = object_check(L, 1, &machine_type);
	const struct file *file = machine->file;

	check_written(L, file);
	if (getpid() != file->owner) {
		export_begin_part(file->export);
		machine->journal = export_entities_keep(machine->entities);
	} else {
		export_drop_parts(file->export);
	}
	g_ptr_array_set_size(machine->journals, 0);
	return 0;
}

/* machine:save() -> table; what a part has seen of its threads, processes, files and disks, for merge() */
static int machine_save(lua_State *L)
{
	static const char *const names[2] = {"entries", "texts"};
	struct machine *machine = object_check(L, 1, &machine_type);
	GBytes *saved[2];

	luaL_argcheck(L, machine->journal, 1, "no part has begun");
	entity_journal_save(machine->journal, &saved[0], &saved[1]);
	lua_createtable(L, 0, 2);
	for (int i = 0; i < 2; i++) {
		gsize size;
		const char *bytes = g_bytes_get_data(saved[i], &size);

		lua_pushlstring(L, bytes ? bytes : "", size);
		lua_setfield(L, -2, names[i]);
		g_bytes_unref(saved[i]);
	}
	return 1;
}

/* machine:merge(saved: table); takes in what the next part has seen */
static int machine_merge(lua_State *L)
{
	struct machine *machine = object_check(L, 1, &machine_type);

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_getfield(L, 2, "entries");
	lua_getfield(L, 2, "texts");
	for (int i = -2; i < 0; i++) {
		size_t size;
		const char *bytes = luaL_checklstring(L, i, &size);

		g_ptr_array_add(machine->journals, g_bytes_new(bytes, size));
	}
	return 0;
}

/* Sees what the parts have seen. */
static void replay(lua_State *L, struct machine *machine)
{
	const GPtrArray *saved = machine->journals;

	for (guint i = 0; i + 1 < saved->len; i += 2) {
		const char *name = entity_journal_replay(g_ptr_array_index(saved, i),
			g_ptr_array_index(saved, i + 1), machine->entities);

		if (name)
			script_fault(L,
				"'%s' has the same number as another file or disk: run export "
				"without --jobs",
				name);
	}
}

/* machine:finish(); writes its threads, processes and disks */
static int machine_finish(lua_State *L)
{
	struct machine *machine = object_check(L, 1, &machine_type);

	check_written(L, machine->file);
	replay(L, machine);
	export_entities_finish(machine->entities);
	check_written(L, machine->file);
	return 0;
}

/* ---- Facts ---- */

static int facts_gc(lua_State *L)
{
	struct facts *facts = object_check(L, 1, &facts_type);

	for (unsigned int i = 0; i < facts->n; i++)
		identity_cache_clear(&facts->columns[i].known);
	facts->n = 0;
	return 0;
}

/*
 * machine:facts(table: table) -> lttnga.Facts; an object for a `collect`, which adds rows to a table: `field`
 * of a column names what it shows; `ends`: each is the end of a thread; `early`: names are those of when
 * it began
 */
static int machine_facts(lua_State *L)
{
	struct machine *machine = object_check(L, 1, &machine_type);
	struct layout layout;
	struct facts *facts;

	lua_settop(L, 2);
	check_written(L, machine->file);
	read_layout(L, &layout);
	facts = object_new(L, &facts_type, sizeof(*facts), KEPT);
	facts->machine = machine;
	facts->table = table_of(L, machine->file, &layout);
	facts->ends = flag_in(L, 2, "ends");
	facts->early = flag_in(L, 2, "early");
	facts->n = layout.n;
	for (unsigned int i = 0; i < layout.n; i++) {
		struct fact_column *column = &facts->columns[i];

		column->field = layout.fields[i];
		column->kind = layout.kinds[i];
		column->is_text = layout.columns[i].type == EXPORT_TEXT;
		column->required = layout.columns[i].required;
		column->at = COLLECTED_NOT_GIVEN;
	}
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, KEPT);
	return 1;
}

/* facts:save() -> table; ends the part of the table, for merge(): nothing more can be added */
static int facts_save(lua_State *L)
{
	struct facts *facts = object_check(L, 1, &facts_type);
	const char *name = export_end_part(facts->table);

	check_written(L, facts->machine->file);
	lua_createtable(L, 0, 2);
	/* Machines share it. */
	if (name) {
		set_text(L, "name", name);
		set_integer(L, "rows", (lua_Integer)export_rows(facts->table));
	}
	return 1;
}

/* facts:merge(saved: table); takes the next part of the table */
static int facts_merge(lua_State *L)
{
	struct facts *facts = object_check(L, 1, &facts_type);

	luaL_checktype(L, 2, LUA_TTABLE);
	if (lua_getfield(L, 2, "name") == LUA_TSTRING) {
		lua_getfield(L, 2, "rows");
		export_take_part(
			facts->table, lua_tostring(L, -2), (uint64_t)luaL_checkinteger(L, -1));
		check_written(L, facts->machine->file);
	}
	return 0;
}

static unsigned int find_field(
	const struct collected_field *fields, unsigned int n, const char *name)
{
	for (unsigned int i = 0; name && i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return i;
	return COLLECTED_NOT_GIVEN;
}

static const char *attach(
	lua_State *L, int index, const struct collected_field *fields, unsigned int n)
{
	struct facts *facts = lua_touserdata(L, index);

	for (int role = 0; role < N_ROLES; role++) {
		unsigned int at = find_field(fields, n, roles[role].name);

		if (at != COLLECTED_NOT_GIVEN && fields[at].kind != roles[role].kind)
			return lua_pushfstring(L, "'%s' has the wrong type", roles[role].name);
		facts->roles[role] = at;
	}
	if (facts->roles[ROLE_TIME] == COLLECTED_NOT_GIVEN)
		return "an export expects the field 'time'";
	for (unsigned int i = 0; i < facts->n; i++) {
		struct fact_column *column = &facts->columns[i];
		bool text =
			column->is_text || column->kind == KIND_FILE || column->kind == KIND_DISK;

		if (column->kind == KIND_HOST)
			continue;
		column->at = find_field(fields, n, column->field);
		if (column->at == COLLECTED_NOT_GIVEN)
			return lua_pushfstring(L, "field '%s' is missing", column->field);
		if ((fields[column->at].kind == COLLECTED_TEXT) != text)
			return lua_pushfstring(L, "'%s' has the wrong type", column->field);
	}
	return NULL;
}

static int64_t role(const struct facts *facts, const struct collected_event *event, enum role which)
{
	return collected_known_number(event, facts->roles[which]);
}

/* The number of a text: of a file, a disk, or for the writer. */
static int64_t text_number(
	struct facts *facts, struct fact_column *column, const struct collected_event *event)
{
	struct machine *machine = facts->machine;
	uint64_t identity = collected_identity(event, column->at);
	const char *text;
	int64_t number;
	void **known;

	if (!identity)
		return EXPORT_NULL;
	known = identity_cache_at(&column->known, 1, &identity);
	/* The device of a disk can come later than its name. */
	if (*known && column->kind != KIND_DISK)
		return (int64_t)GPOINTER_TO_SIZE(*known);
	text = collected_text(event, column->at);
	if (column->kind == KIND_FILE)
		number = export_entities_name(machine->entities, EXPORT_FILES, text, EXPORT_NULL);
	else if (column->kind == KIND_DISK)
		number = export_entities_name(
			machine->entities, EXPORT_DISKS, text, role(facts, event, ROLE_DEV));
	else
		number = export_number(machine->file->export, text);
	*known = GSIZE_TO_POINTER((gsize)number);
	return number;
}

static int64_t value_of(
	struct facts *facts, struct fact_column *column, const struct collected_event *event)
{
	struct machine *machine = facts->machine;

	if (column->kind == KIND_HOST)
		return machine->number;
	if (column->kind == KIND_UNNUMBERED && role(facts, event, ROLE_UTID) != VALUE_ABSENT)
		return EXPORT_NULL;
	if (event->fields[column->at].kind == COLLECTED_TEXT)
		return text_number(facts, column, event);
	if (column->kind == KIND_CONTAINER && collected_number(event, column->at) == 0)
		return EXPORT_NULL;
	if (column->kind == KIND_ENTITY || column->kind == KIND_CONTAINER)
		return export_entities_global(
			machine->entities, collected_number(event, column->at));
	return collected_number(event, column->at);
}

/* Notes in which container it was, and how that is called. */
static void see_container(struct facts *facts, const struct collected_event *event, int64_t time)
{
	struct export_seen seen = {.number = role(facts, event, ROLE_CONTAINER),
		.id = role(facts, event, ROLE_CONTAINER_NS),
		.of = role(facts, event, ROLE_CONTAINER_PARENT),
		.begin = time,
		.time = time,
		.now = cursor_time()};
	unsigned int name = facts->roles[ROLE_CONTAINER_NAME];
	unsigned int cgroup = facts->roles[ROLE_CGROUP];

	if (seen.number <= 0 || name == COLLECTED_NOT_GIVEN || cgroup == COLLECTED_NOT_GIVEN)
		return;
	seen.cgroup_identity = collected_identity(event, cgroup);
	seen.cgroup = collected_text(event, cgroup);
	seen.identity = collected_identity(event, name);
	seen.name = collected_text(event, name);
	export_entities_see(facts->machine->entities, EXPORT_CONTAINERS, &seen);
}

/* Notes which thread and process it is about, and how they are called. */
static void see(struct facts *facts, const struct collected_event *event, int64_t time)
{
	struct export_entities *entities = facts->machine->entities;
	int64_t begin = role(facts, event, ROLE_BEGIN);
	struct export_seen seen = {.number = role(facts, event, ROLE_UTID),
		.id = role(facts, event, ROLE_TID),
		.of = role(facts, event, ROLE_UPID),
		.begin = begin == VALUE_ABSENT ? time : begin,
		.time = time,
		.now = cursor_time(),
		.early = facts->early};
	unsigned int procname = facts->roles[ROLE_PROCNAME], process = facts->roles[ROLE_PROCESS];

	if (procname == COLLECTED_NOT_GIVEN || process == COLLECTED_NOT_GIVEN)
		return;
	seen.identity = collected_identity(event, procname);
	seen.name = collected_text(event, procname);
	export_entities_see(entities, EXPORT_THREADS, &seen);
	seen.number = seen.of;
	seen.id = role(facts, event, ROLE_PID);
	/* A new thread's parent is none of its process. */
	seen.of = role(facts, event, ROLE_THREAD) == 0 ? role(facts, event, ROLE_PARENT)
						       : VALUE_ABSENT;
	/* The model gives a process the name of a thread if it does not know that of the first one. */
	seen.guessed = seen.id != role(facts, event, ROLE_TID) &&
		       seen.identity == collected_identity(event, process);
	seen.identity = collected_identity(event, process);
	seen.name = collected_text(event, process);
	export_entities_see(entities, EXPORT_PROCESSES, &seen);
}

/* Texts have other numbers once they have been forgotten. */
static void renew(struct facts *facts)
{
	unsigned int age = export_age(facts->machine->file->export);

	for (unsigned int i = 0; i < facts->n && age != facts->age; i++)
		if (facts->columns[i].is_text)
			identity_cache_clear(&facts->columns[i].known);
	facts->age = age;
}

static void feed(lua_State *L, void *data, int ref, const struct collected_event *event)
{
	struct facts *facts = data;
	const struct file *file = facts->machine->file;
	int64_t cells[COLUMNS_MAX], time;

	(void)ref;
	check_written(L, file);
	renew(facts);
	time = role(facts, event, ROLE_TIME);
	see(facts, event, time);
	see_container(facts, event, time);
	for (unsigned int i = 0; i < facts->n; i++) {
		cells[i] = value_of(facts, &facts->columns[i], event);
		/* Only the start of something can be missing: it was not seen. */
		if (cells[i] == EXPORT_NULL && facts->columns[i].required)
			cells[i] = time;
	}
	export_row(facts->table, cells);
	if (facts->ends)
		export_entities_end(facts->machine->entities, role(facts, event, ROLE_UTID), time);
	export_tidy(file->export);
}

static const struct collector_type facts_collector = {
	.attach = attach, .add = feed, .by_name = true};
static const luaL_Reg facts_methods[] = {
	{"merge", facts_merge},
	{"save", facts_save},
	{NULL, NULL},
};
static const struct object_type facts_type = {.name = "lttnga.facts",
	.methods = facts_methods,
	.gc = facts_gc,
	.collector = &facts_collector};

static const luaL_Reg machine_methods[] = {
	{"begin", machine_begin},
	{"facts", machine_facts},
	{"finish", machine_finish},
	{"merge", machine_merge},
	{"save", machine_save},
	{NULL, NULL},
};
static const struct object_type machine_type = {
	.name = "lttnga.export_machine", .methods = machine_methods, .gc = machine_gc};

static const luaL_Reg file_methods[] = {
	{"add", file_add},
	{"close", file_close},
	{"machine", file_machine},
	{"rows", file_rows},
	{NULL, NULL},
};
static const struct object_type file_type = {
	.name = "lttnga.export", .methods = file_methods, .gc = file_gc};

int luaopen_lttnga_exporter(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"open", module_open},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
