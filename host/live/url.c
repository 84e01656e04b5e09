/*
 * Addresses of relay daemons and of their sessions.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/live/url.h"

#include "host/live/viewer.h"

#include <string.h>
#include <sys/socket.h>

#define FORM "net://HOST[:PORT][/host/TARGET/SESSION]"

static const struct scheme {
	const char *start;
	int family;
} schemes[] = {{"net://", AF_UNSPEC}, {"net4://", AF_INET}, {"net6://", AF_INET6}};

static const struct scheme *scheme_of(const char *text)
{
	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
		if (g_str_has_prefix(text, schemes[i].start))
			return &schemes[i];
	return NULL;
}

void live_url_clear(struct live_url *url)
{
	g_clear_pointer(&url->host, g_free);
	g_clear_pointer(&url->target, g_free);
	g_clear_pointer(&url->session, g_free);
}

/* Reads ":PORT"; nothing there is the usual port. False if it is something else. */
static bool read_port(const char *text, unsigned int *port)
{
	guint64 number = LIVE_PORT;
	bool is_fine = *text == '\0' || (*text == ':' && g_ascii_string_to_unsigned(text + 1, 10, 1,
								 65535, &number, NULL));

	*port = (unsigned int)number;
	return is_fine;
}

/* Reads HOST[:PORT], with the host in brackets if it has colons of its own. */
static const char *read_authority(const char *text, struct live_url *url)
{
	const char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");

	if (!end)
		return "the bracket is not closed";
	url->host = *text == '[' ? g_strndup(text + 1, (gsize)(end - text - 1))
				 : g_strndup(text, (gsize)(end - text));
	if (!*url->host)
		return "the host is missing";
	if (*text != '[' && strchr(end, ':') != strrchr(end, ':'))
		return "an IPv6 address needs brackets: net://[ADDRESS]";
	return read_port(*text == '[' ? end + 1 : end, &url->port) ? NULL : "the port is not valid";
}

/* Reads what comes after the host: nothing, a slash, or /host/TARGET/SESSION. */
static const char *read_path(const char *text, struct live_url *url)
{
	char **parts;
	const char *wrong = NULL;

	if (*text == '\0' || strcmp(text, "/") == 0)
		return NULL;
	parts = g_strsplit(text, "/", -1);
	if (g_strv_length(parts) == 4 && strcmp(parts[1], "host") == 0 && *parts[2] && *parts[3]) {
		url->target = g_strdup(parts[2]);
		url->session = g_strdup(parts[3]);
	} else {
		wrong = "the form is " FORM;
	}
	g_strfreev(parts);
	return wrong;
}

bool live_url_parse(const char *text, struct live_url *url, GError **error)
{
	const struct scheme *scheme = scheme_of(text);
	const char *wrong = "the form is " FORM, *rest, *path;
	char *authority;

	*url = (struct live_url){0};
	if (scheme) {
		url->family = scheme->family;
		rest = text + strlen(scheme->start);
		path = rest + strcspn(rest, "/");
		authority = g_strndup(rest, (gsize)(path - rest));
		wrong = read_authority(authority, url);
		g_free(authority);
		if (!wrong)
			wrong = read_path(path, url);
	}
	if (!wrong)
		return true;
	live_url_clear(url);
	g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_URL, "%s: %s", text, wrong);
	return false;
}

char *live_url_of(const struct live_url *relay, const char *target, const char *session)
{
	const char *scheme = relay->family == AF_INET    ? "net4"
			     : relay->family == AF_INET6 ? "net6"
							 : "net";
	bool is_v6 = strchr(relay->host, ':') != NULL;
	GString *url = g_string_new(NULL);

	g_string_printf(
		url, "%s://%s%s%s", scheme, is_v6 ? "[" : "", relay->host, is_v6 ? "]" : "");
	if (relay->port != LIVE_PORT)
		g_string_append_printf(url, ":%u", relay->port);
	g_string_append_printf(url, "/host/%s/%s", target, session);
	return g_string_free(url, FALSE);
}
