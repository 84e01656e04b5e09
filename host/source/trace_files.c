/*
 * Finds the traces below the paths that a user names, and sorts out which of them to read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/trace_files.h"

#include "host/source/packed.h"
#include "host/source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How deep traces may lie below a path. Real ones are at most 7 levels down. */
#define DEPTH_MAX 32

/* How many folders are looked at behind links: one may lead to a whole disk. */
#define LINKED_MAX 4096

/* Metadata of real traces has less than 1 MB. */
#define METADATA_MAX (32 << 20)

/* Of metadata no more than this is looked at here: what we ask for stands at its begin. */
#define HEAD_SIZE (64 * 1024)

/* Packets of metadata begin with these: magic, UUID, checksum, sizes, schemes, version. */
#define PACKET_MAGIC        0x75d11d57
#define PACKET_CONTENT_BITS 24
#define PACKET_BITS         28
#define PACKET_HEADER       37

/* What the JSON texts of CTF 2 are separated by. */
#define RECORD_SEPARATOR 0x1e

/* Packets of streams begin with this. */
#define STREAM_MAGIC 0xc1fc1fc1

static void free_trace_files(gpointer data)
{
	struct trace_files *files = data;

	g_ptr_array_unref(files->folders);
	g_free(files);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is wrong with a file that has to be a stream; NULL if its begin looks like one. */
static char *stream_culprit(const char *path)
{
	uint32_t magic = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t size = fd < 0 ? -1 : read(fd, &magic, sizeof(magic));
	char *culprit = NULL;

	if (size < 0)
		culprit = g_strdup_printf("cannot read %s: %s", path, g_strerror(errno));
	else if (size != 0 && magic != STREAM_MAGIC && magic != GUINT32_SWAP_LE_BE(STREAM_MAGIC))
		culprit = g_strdup_printf("%s is not a stream of events: it is damaged, or does "
					  "not belong in this directory",
			path);
	if (fd >= 0)
		close(fd);
	return culprit;
}

char *trace_files_culprit(const struct trace_files *files)
{
	char *culprit = NULL;

	for (guint i = 0; i < files->folders->len && !culprit; i++) {
		const char *folder = g_ptr_array_index(files->folders, i);
		GDir *dir = g_dir_open(folder, 0, NULL);
		const char *name;

		while (dir && !culprit && (name = g_dir_read_name(dir))) {
			char *path = g_build_filename(folder, name, NULL);

			/* What the library leaves out, too. */
			if (name[0] != '.' && strcmp(name, "metadata") != 0 &&
				!g_file_test(path, G_FILE_TEST_IS_DIR))
				culprit = stream_culprit(path);
			g_free(path);
		}
		if (dir)
			g_dir_close(dir);
	}
	return culprit;
}

/* Folders that are looked at. */
struct search {
	GPtrArray *found;      /* char *: those that hold a file called "metadata" */
	GPtrArray *packed;     /* char *: archives that nothing has been unpacked beside */
	GPtrArray *unreadable; /* char *: why some can't be read */
	GHashTable *seen;      /* struct place: links can lead in circles, or to what was found */
	GQueue links;          /* struct link: those to folders, which come after all others */
	bool follows;          /* what is looked at lies behind a link, */
	unsigned int n_linked; /* as so many folders have so far */
};

struct place {
	dev_t device;
	ino_t inode;
};

struct link {
	char *path;
	int depth;
};

static guint hash_place(gconstpointer data)
{
	const struct place *place = data;
	guint64 mixed = ((guint64)place->inode ^ (guint64)place->device << 32) *
			UINT64_C(0x9e3779b97f4a7c15);

	return (guint)(mixed >> 32);
}

static gboolean is_same_place(gconstpointer a, gconstpointer b)
{
	const struct place *x = a, *y = b;

	return x->device == y->device && x->inode == y->inode;
}

/* Notes that a folder is looked at; false if it has been, or is not to be. */
static bool enter(struct search *search, const char *folder)
{
	struct stat st;
	struct place place;

	/* A link to "/" is not what anybody means. */
	if (search->follows && search->n_linked >= LINKED_MAX)
		return false;
	search->n_linked += search->follows;
	if (stat(folder, &st) != 0)
		return true;
	place = (struct place){st.st_dev, st.st_ino};
	return g_hash_table_add(search->seen, g_memdup2(&place, sizeof(place)));
}

static void add_link(struct search *search, const char *path, int depth)
{
	struct link *link = g_new(struct link, 1);

	*link = (struct link){g_strdup(path), depth};
	g_queue_push_tail(&search->links, link);
}

/* Whether a link leads to a folder. */
static bool links_to_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Notes an archive, unless there is a folder of its name, where its contents may be. */
static void add_packed(struct search *search, const char *path)
{
	char *folder = packed_folder(path);

	if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
		g_ptr_array_add(search->packed, g_strdup(path));
	g_free(folder);
}

/*
 * Collects every folder below `folder` (included) that holds metadata; links to folders are left
 * for later.
 */
static void find_folders(struct search *search, const char *folder, int depth)
{
	GError *error = NULL;
	GDir *dir;
	GPtrArray *children;
	const char *name;

	if (!enter(search, folder))
		return;
	dir = g_dir_open(folder, 0, &error);
	if (!dir) {
		g_ptr_array_add(search->unreadable, g_strdup(error->message));
		g_error_free(error);
		return;
	}
	children = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)))
		g_ptr_array_add(children, g_build_filename(folder, name, NULL));
	g_dir_close(dir);
	g_ptr_array_sort(children, compare_names);
	for (guint i = 0; i < children->len; i++) {
		const char *child = g_ptr_array_index(children, i);
		struct stat st;

		if (lstat(child, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			find_folders(search, child, depth + 1);
		else if (S_ISLNK(st.st_mode) && depth < DEPTH_MAX && links_to_folder(child))
			add_link(search, child, depth + 1);
		else if (strcmp(strrchr(child, '/') + 1, "metadata") == 0 && !S_ISDIR(st.st_mode))
			g_ptr_array_add(search->found, g_strdup(folder));
		else if (S_ISREG(st.st_mode) && packed_is(child))
			add_packed(search, child);
	}
	g_ptr_array_unref(children);
}

/* Follows the links, each to a folder that was not looked at yet. */
static void follow_links(struct search *search)
{
	struct link *link;

	search->follows = true;
	while ((link = g_queue_pop_head(&search->links))) {
		find_folders(search, link->path, link->depth);
		g_free(link->path);
		g_free(link);
	}
	search->follows = false;
}

/* What the begin of a trace's metadata says. */
struct head {
	GString *text; /* without packet headers */
	int version;   /* of CTF */
	char *uuid;    /* NULL if it has none */
	char *domain;
	char *tracer;
};

static uint32_t read_u32(const char *at, bool swap)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return swap ? GUINT32_SWAP_LE_BE(value) : value;
}

/* Takes the headers out of packets of metadata; what makes no sense ends the text. */
static void unpack_text(struct head *head, const char *data, size_t size)
{
	bool swap = read_u32(data, false) != PACKET_MAGIC;

	while (size >= PACKET_HEADER && read_u32(data, swap) == PACKET_MAGIC) {
		size_t content = read_u32(data + PACKET_CONTENT_BITS, swap) / 8;
		size_t packet = read_u32(data + PACKET_BITS, swap) / 8;

		if (content < PACKET_HEADER || packet < content)
			return;
		content = MIN(content, size);
		g_string_append_len(
			head->text, data + PACKET_HEADER, (gssize)(content - PACKET_HEADER));
		if (packet >= size)
			return;
		data += packet;
		size -= packet;
	}
}

/*
 * Whether a packet of metadata is not all there. libbabeltrace2 2.0 would wait for the rest for
 * ever.
 */
static bool packets_cut(int fd)
{
	char header[PACKET_HEADER];
	off_t at = 0, size = lseek(fd, 0, SEEK_END);

	while (at < size) {
		uint32_t content, packet;
		bool swap;

		if (pread(fd, header, sizeof(header), at) != sizeof(header))
			return true;
		swap = read_u32(header, false) != PACKET_MAGIC;
		content = read_u32(header + PACKET_CONTENT_BITS, swap) / 8;
		packet = read_u32(header + PACKET_BITS, swap) / 8;
		if (read_u32(header, swap) != PACKET_MAGIC || content < PACKET_HEADER ||
			packet < content || packet > size - at)
			return true;
		at += packet;
	}
	return false;
}

/* Reads the begin of a file; -1 with errno set if that fails, or it is none (a pipe would wait). */
static ssize_t read_file(int fd, char *data, size_t room)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size > METADATA_MAX) {
		errno = S_ISREG(st.st_mode) ? EFBIG : ENOTSUP;
		return -1;
	}
	return read(fd, data, room);
}

/* Reads the begin of a trace's metadata; false with `error` if that can't be read. */
static bool read_head(const char *folder, struct head *head, GError **error)
{
	char *path = g_build_filename(folder, "metadata", NULL);
	char *data = g_malloc(HEAD_SIZE);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t size = fd < 0 ? -1 : read_file(fd, data, HEAD_SIZE);

	*head = (struct head){.text = g_string_new(NULL)};
	if (size < 0) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "cannot read %s: %s", path,
			errno == ENOTSUP ? "not a regular file"
			: errno == EFBIG ? "larger than 32 MiB"
					 : g_strerror(errno));
	} else if (size == 0) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"cannot read %s: the file is empty", path);
	} else if (size >= PACKET_HEADER && (read_u32(data, false) == PACKET_MAGIC ||
						    read_u32(data, true) == PACKET_MAGIC)) {
		unpack_text(head, data, (size_t)size);
		if (packets_cut(fd)) {
			g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
				"%s is truncated or damaged: its last packet is incomplete", path);
			size = -1;
		}
	} else {
		g_string_append_len(head->text, data, size);
	}
	if (fd >= 0)
		close(fd);
	g_free(data);
	g_free(path);
	return size > 0;
}

static void free_head(struct head *head)
{
	g_string_free(head->text, TRUE);
	g_free(head->uuid);
	g_free(head->domain);
	g_free(head->tracer);
}

/* The first group that `pattern` matches in `text`, or NULL; to be freed. */
static char *match_first(const char *pattern, const char *text)
{
	GRegex *regex = g_regex_new(pattern, G_REGEX_RAW, 0, NULL);
	GMatchInfo *match;
	char *found = NULL;

	if (g_regex_match(regex, text, 0, &match))
		found = g_match_info_fetch(match, 1);
	g_match_info_free(match);
	g_regex_unref(regex);
	return found;
}

/* What is between the braces of "trace { ... }", as far as it is there; to be freed. */
static char *trace_block(const char *text)
{
	char *block = match_first("(?s)\\btrace\\s*\\{(.*)", text);
	int depth = 1;

	for (char *at = block; at && *at; at++) {
		depth += (*at == '{') - (*at == '}');
		if (depth == 0) {
			*at = '\0';
			break;
		}
	}
	return block;
}

static void learn_from_tsdl(struct head *head)
{
	char *block = trace_block(head->text->str);

	/* Clocks have UUIDs, too, which are those of others. */
	if (block)
		head->uuid = match_first("\\buuid\\s*=\\s*\"([^\"]*)\"", block);
	g_free(block);
	head->domain = match_first("\\bdomain\\s*=\\s*\"([^\"]*)\"", head->text->str);
	head->tracer = match_first("\\btracer_name\\s*=\\s*\"([^\"]*)\"", head->text->str);
}

/* What two members lead to, the second in the first; NULL if it is not of this type. */
static json_object *json_member(
	json_object *object, const char *name, const char *inner, enum json_type type)
{
	json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	if (inner)
		return json_member(value, inner, NULL, type);
	return json_object_is_type(value, type) ? value : NULL;
}

/* The bytes of a UUID as text; NULL if there are none. */
static char *uuid_text(json_object *uuid)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; uuid && i < json_object_array_length(uuid); i++)
		g_string_append_printf(
			text, "%d,", json_object_get_int(json_object_array_get_idx(uuid, i)));
	return g_string_free(text, text->len == 0);
}

static void learn_from_fragment(struct head *head, json_object *fragment)
{
	json_object *uuid = json_member(fragment, "uuid", NULL, json_type_array);
	json_object *domain = json_member(fragment, "environment", "domain", json_type_string);
	json_object *tracer = json_member(fragment, "environment", "tracer_name", json_type_string);

	if (!head->uuid)
		head->uuid = uuid_text(uuid);
	if (!head->domain && domain)
		head->domain = g_strdup(json_object_get_string(domain));
	if (!head->tracer && tracer)
		head->tracer = g_strdup(json_object_get_string(tracer));
}

/* Looks at the JSON texts up to one that is broken, or not all there. */
static void learn_from_json(struct head *head)
{
	json_tokener *tokener = json_tokener_new();
	const char *at = head->text->str, *end = at + head->text->len;
	json_object *fragment;

	do {
		while (at < end && (*at == RECORD_SEPARATOR || g_ascii_isspace(*at)))
			at++;
		json_tokener_reset(tokener);
		fragment = json_tokener_parse_ex(tokener, at, (int)(end - at));
		at += json_tokener_get_parse_end(tokener);
		learn_from_fragment(head, fragment);
		json_object_put(fragment);
	} while (fragment);
	json_tokener_free(tokener);
}

static void learn(struct head *head)
{
	char first = head->text->str[0];

	head->version = first == RECORD_SEPARATOR || first == '{' ? 2 : 1;
	if (head->version == 2)
		learn_from_json(head);
	else
		learn_from_tsdl(head);
}

/* Traces that hold nothing for us, by what their metadata says. */
enum use { USE_IT, USE_USER_SPACE, USE_PERF };

static const struct {
	const char *is;  /* what it is */
	const char *why; /* ..., if there is no other */
} uses[] = {
	[USE_USER_SPACE] = {"a user-space trace",
		"the analyses need a kernel trace (lttng enable-event --kernel)"},
	[USE_PERF] = {"a perf trace",
		"the analyses need an LTTng kernel trace (lttng enable-event --kernel)"},
};

static enum use use_of(const struct head *head)
{
	if (g_strcmp0(head->tracer, "perf") == 0)
		return USE_PERF;
	return g_strcmp0(head->domain, "ust") == 0 ? USE_USER_SPACE : USE_IT;
}

/* Adds a folder to the traces. Those with one UUID are chunks or snapshots of the same trace. */
static void add_folder(
	GPtrArray *traces, GHashTable *groups, const char *folder, const struct head *head)
{
	struct trace_files *files = head->uuid ? g_hash_table_lookup(groups, head->uuid) : NULL;

	if (!files) {
		files = g_new0(struct trace_files, 1);
		files->folders = g_ptr_array_new_with_free_func(g_free);
		files->version = head->version;
		files->user = use_of(head) == USE_USER_SPACE;
		g_ptr_array_add(traces, files);
		if (head->uuid)
			g_hash_table_insert(groups, g_strdup(head->uuid), files);
	}
	g_ptr_array_add(files->folders, g_strdup(folder));
}

/* Folders of traces that are of no use. */
struct left_out {
	const char *first; /* NULL if there is none */
	enum use use;      /* of that */
	unsigned int n;
};

/*
 * Adds a folder with metadata to `traces`, if it is of user space to `user` (NULL: not wanted), or, if it
 * is of no use, to `left_out`.
 */
static bool take_folder(GPtrArray *traces, GPtrArray *user, GHashTable *groups,
	struct left_out *left_out, const char *folder, GError **error)
{
	struct head head;
	bool ok = read_head(folder, &head, error);
	enum use use = USE_IT;

	if (ok) {
		learn(&head);
		use = use_of(&head);
		if (use == USE_IT)
			add_folder(traces, groups, folder, &head);
		else if (use == USE_USER_SPACE && user)
			add_folder(user, groups, folder, &head);
		if (use != USE_IT && left_out->n++ == 0)
			*left_out = (struct left_out){folder, use, 1};
	}
	free_head(&head);
	return ok;
}

bool trace_files_may_be_kernel(const char *folder)
{
	struct head head;
	bool may_be = true;

	if (read_head(folder, &head, NULL)) {
		learn(&head);
		may_be = use_of(&head) == USE_IT;
	}
	free_head(&head);
	return may_be;
}

/* Says that all there is is an archive, or some, and how the first one is unpacked. */
static void refuse_packed(const char *path, const char *archive, guint n, GError **error)
{
	char *command = packed_command(archive);

	if (n == 0)
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s is an archive: unpack it (%s) and name the directory instead", path,
			command);
	else
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s contains no trace, only %u archive%s: unpack %s first (%s)", path, n,
			n > 1 ? "s" : "", n > 1 ? "them" : "it", command);
	g_free(command);
}

/* What is below one path; false with `error` if that holds no trace. */
static bool find_below(struct search *search, const char *path, GError **error)
{
	guint before = search->found->len, folders = g_hash_table_size(search->seen);
	guint packed = search->packed->len;
	struct stat st;

	if (stat(path, &st) != 0) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "cannot open %s: %s", path,
			g_strerror(errno));
		return false;
	}
	if (S_ISREG(st.st_mode) && packed_is(path)) {
		refuse_packed(path, path, 0, error);
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s is not a directory; a trace is a directory with a file \"metadata\" "
			"somewhere below it",
			path);
		return false;
	}
	find_folders(search, path, 0);
	follow_links(search);
	/* A path may be named twice, or lie in another one. */
	if (search->found->len > before || g_hash_table_size(search->seen) == folders)
		return true;
	if (search->unreadable->len > 0)
		g_set_error_literal(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			g_ptr_array_index(search->unreadable, 0));
	else if (search->packed->len > packed)
		refuse_packed(path, g_ptr_array_index(search->packed, packed),
			search->packed->len - packed, error);
	else
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s is not a trace: it contains no file \"metadata\"", path);
	return false;
}

/* All folders with metadata below all paths; NULL with `error` if there is none. */
static GPtrArray *all_folders(const char *const *paths, GPtrArray *notes, GError **error)
{
	struct search search = {
		.found = g_ptr_array_new_with_free_func(g_free),
		.packed = g_ptr_array_new_with_free_func(g_free),
		.unreadable = g_ptr_array_new_with_free_func(g_free),
		.seen = g_hash_table_new_full(hash_place, is_same_place, g_free, NULL),
		.links = G_QUEUE_INIT,
	};
	bool ok = true;

	for (; *paths && ok; paths++)
		ok = find_below(&search, *paths, error);
	for (guint i = 0; ok && i < search.unreadable->len; i++)
		g_ptr_array_add(notes, g_strdup_printf("%s (ignored)",
					       (char *)g_ptr_array_index(search.unreadable, i)));
	if (ok && search.packed->len > 0)
		g_ptr_array_add(notes, g_strdup_printf("%s is an archive and is ignored%s",
					       (char *)g_ptr_array_index(search.packed, 0),
					       search.packed->len > 1 ? ", as are others" : ""));
	if (ok && search.n_linked >= LINKED_MAX)
		g_ptr_array_add(notes,
			g_strdup_printf("symbolic links lead to more than %d directories: the "
					"others are ignored",
				LINKED_MAX));
	g_ptr_array_unref(search.packed);
	g_ptr_array_unref(search.unreadable);
	g_hash_table_unref(search.seen);
	if (ok)
		return search.found;
	g_ptr_array_unref(search.found);
	return NULL;
}

/* Says what is of no use, unless that is user space, which is there for those who ask for it. */
static void tell_left_out(const struct left_out *left_out, GPtrArray *notes)
{
	if (left_out->first && left_out->use != USE_USER_SPACE)
		g_ptr_array_add(notes,
			g_strdup_printf("%s is %s and is ignored%s", left_out->first,
				uses[left_out->use].is, left_out->n > 1 ? ", as are others" : ""));
}

GPtrArray *trace_files_find(const char *const *paths, bool user, GPtrArray *notes, GError **error)
{
	GPtrArray *traces = g_ptr_array_new_with_free_func(free_trace_files);
	GPtrArray *behind = g_ptr_array_new();
	struct left_out left_out = {0};
	GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *folders = all_folders(paths, notes, error);
	bool ok = folders != NULL;

	for (guint i = 0; ok && i < folders->len; i++)
		ok = take_folder(traces, user ? behind : NULL, groups, &left_out,
			g_ptr_array_index(folders, i), error);
	if (ok && traces->len == 0 && left_out.first) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "%s contains only %s: %s",
			paths[0], uses[left_out.use].is, uses[left_out.use].why);
		ok = false;
	}
	if (ok && traces->len == 0) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN, "no trace to read");
		ok = false;
	}
	if (ok)
		tell_left_out(&left_out, notes);
	for (guint i = 0; i < behind->len; i++)
		g_ptr_array_add(traces, g_ptr_array_index(behind, i));
	g_ptr_array_unref(behind);
	if (folders)
		g_ptr_array_unref(folders);
	g_hash_table_destroy(groups);
	if (ok)
		return traces;
	g_ptr_array_unref(traces);
	return NULL;
}
