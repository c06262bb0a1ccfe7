// What Swift cannot import from libmicrohttpd: variadic calls, its enumerations as constants, and
// the walk over a request's headers, which is one call here instead of one callback per header.
#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>

// An enumerator of glibc's, which Swift sees in one build and not in another.
static const int shim_shut_both = SHUT_RDWR;

// How many descriptors the process may open, after trying to make it as many as `wanted`.
static inline size_t shim_descriptors(size_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit)) return wanted;
  if (limit.rlim_cur < wanted) {
    struct rlimit more = limit;
    more.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (!setrlimit(RLIMIT_NOFILE, &more)) limit = more;
  }
  return limit.rlim_cur < wanted ? (size_t)limit.rlim_cur : wanted;
}

// MARK: Starting

struct shim_notice {
  bool armed;       // true while the daemon starts: only then is the text kept
  char text[512];
};

struct shim_settings {
  int listen_fd;
  unsigned int threads;
  unsigned int connections;
  unsigned int connections_per_address;  // 0: no limit
  unsigned int idle_seconds;
  size_t pool_bytes;                     // per connection
  const char *certificate;               // NULL: no TLS
  const char *private_key;
  struct shim_notice *notice;
  void *context;
  MHD_AccessHandlerCallback access;
  void *(*request_line)(void *, const char *, struct MHD_Connection *);
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
};

static inline void shim_log(void *context, const char *format, va_list arguments) {
  struct shim_notice *notice = context;
  if (notice->armed) vsnprintf(notice->text, sizeof notice->text, format, arguments);
}

// Leaves the URL as it was sent: escapes are decoded by segment, after the path was split.
static inline size_t shim_keep_escapes(void *context, struct MHD_Connection *connection,
                                       char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

static inline struct MHD_Daemon *shim_start(const struct shim_settings *s) {
  struct MHD_OptionItem items[16];
  size_t n = 0;
  unsigned int flags =
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
  // The logger comes first, so that it hears about the other options.
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)shim_log, s->notice};
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_LISTEN_SOCKET, s->listen_fd, NULL};
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_LIMIT, s->connections, NULL};
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                                       s->connections_per_address, NULL};
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_TIMEOUT, s->idle_seconds, NULL};
  items[n++] =
      (struct MHD_OptionItem){MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)s->pool_bytes, NULL};
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_UNESCAPE_CALLBACK,
                                       (intptr_t)shim_keep_escapes, NULL};
  items[n++] =
      (struct MHD_OptionItem){MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)s->request_line, s->context};
  items[n++] =
      (struct MHD_OptionItem){MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)s->completed, s->context};
  items[n++] =
      (struct MHD_OptionItem){MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)s->connection, s->context};
  if (s->threads > 1)
    items[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, s->threads, NULL};
  if (s->certificate) {
    flags |= MHD_USE_TLS;
    items[n++] =
        (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(intptr_t)s->certificate};
    items[n++] =
        (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(intptr_t)s->private_key};
  }
  items[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
  s->notice->armed = true;
  struct MHD_Daemon *daemon = MHD_start_daemon(flags, 0, NULL, NULL, s->access, s->context,
                                               MHD_OPTION_ARRAY, items, MHD_OPTION_END);
  s->notice->armed = false;
  return daemon;
}

// MARK: One connection

static const enum MHD_ConnectionNotificationCode shim_connection_started =
    MHD_CONNECTION_NOTIFY_STARTED;

static inline void *shim_connection_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

static inline int shim_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

// Writes the address of the other end without its port; an IPv4 address in IPv6 form as IPv4.
static inline void shim_peer(struct MHD_Connection *connection, char *text, socklen_t size) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  const struct sockaddr *address = info ? info->client_addr : NULL;
  snprintf(text, size, "unix");
  if (address && address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, size);
  } else if (address && address->sa_family == AF_INET6) {
    const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(six)) inet_ntop(AF_INET, &six->s6_addr[12], text, size);
    else inet_ntop(AF_INET6, six, text, size);
  }
}

static inline void shim_never_idle(struct MHD_Connection *connection) {
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
}

// POLLRDHUP, which headers offer only to those who ask before the first of them.
static const short shim_peer_closed = 0x2000;

// MARK: The head of a request

// 0 GET, 1 HEAD, 2 POST, 3 PUT, 4 PATCH, 5 DELETE, 6 OPTIONS, -1 another.
static inline int shim_method(const char *name) {
  switch (name[0]) {
    case 'G': return strcmp(name, "GET") ? -1 : 0;
    case 'H': return strcmp(name, "HEAD") ? -1 : 1;
    case 'P':
      if (!strcmp(name, "POST")) return 2;
      if (!strcmp(name, "PUT")) return 3;
      return strcmp(name, "PATCH") ? -1 : 4;
    case 'D': return strcmp(name, "DELETE") ? -1 : 5;
    case 'O': return strcmp(name, "OPTIONS") ? -1 : 6;
    default: return -1;
  }
}

// What a target holds; `question` is where the first `?` stands, or the length.
struct shim_target {
  size_t length;
  size_t question;
  bool sound;
  bool ascii;
};

enum shim_fault {
  SHIM_SOUND = 0,
  SHIM_BAD_NAME,
  SHIM_BAD_VALUE,
  SHIM_FOLDED,
  SHIM_BAD_HOST,
  SHIM_BAD_LENGTH,
  SHIM_BAD_LINE,
};

struct shim_head {
  int fault;               // the first of enum shim_fault that was met
  unsigned int count;
  unsigned int hosts;
  unsigned int lengths;
  unsigned int codings;
  bool chunked;            // the last transfer coding is exactly "chunked"
  bool expects_continue;
  int64_t content_length;  // -1: none
  size_t flat_bytes;       // what shim_copy_fields writes
  const char *end;         // of the text of the line before, in the library's buffer
  char *out;
};

// What a byte may be part of: one look for each byte instead of a chain of comparisons.
enum { SHIM_TOKEN = 1, SHIM_VALUE = 2, SHIM_HOST = 4, SHIM_TARGET = 8 };

static inline const uint8_t *shim_classes(void) {
  static const uint8_t classes[256] = {
      ['\t'] = SHIM_VALUE,
      [' '] = SHIM_VALUE,
      [0x21 ... 0x7e] = SHIM_VALUE | SHIM_TARGET | SHIM_HOST | SHIM_TOKEN,
      [0x80 ... 0xff] = SHIM_VALUE | SHIM_TARGET,
      ['"'] = SHIM_VALUE | SHIM_TARGET,
      ['#'] = SHIM_VALUE | SHIM_TOKEN,
      ['('] = SHIM_VALUE | SHIM_TARGET | SHIM_HOST,
      [')'] = SHIM_VALUE | SHIM_TARGET | SHIM_HOST,
      [','] = SHIM_VALUE | SHIM_TARGET,
      ['/'] = SHIM_VALUE | SHIM_TARGET,
      [':'] = SHIM_VALUE | SHIM_TARGET | SHIM_HOST,
      [';'] = SHIM_VALUE | SHIM_TARGET | SHIM_HOST,
      ['<'] = SHIM_VALUE | SHIM_TARGET,
      ['='] = SHIM_VALUE | SHIM_TARGET | SHIM_HOST,
      ['>'] = SHIM_VALUE | SHIM_TARGET,
      ['?'] = SHIM_VALUE | SHIM_TARGET,
      ['@'] = SHIM_VALUE | SHIM_TARGET,
      ['['] = SHIM_VALUE | SHIM_TARGET | SHIM_HOST,
      ['\\'] = SHIM_VALUE | SHIM_TARGET,
      [']'] = SHIM_VALUE | SHIM_TARGET | SHIM_HOST,
      ['^'] = SHIM_VALUE | SHIM_TARGET | SHIM_TOKEN,
      ['`'] = SHIM_VALUE | SHIM_TARGET | SHIM_TOKEN,
      ['{'] = SHIM_VALUE | SHIM_TARGET,
      ['|'] = SHIM_VALUE | SHIM_TARGET | SHIM_TOKEN,
      ['}'] = SHIM_VALUE | SHIM_TARGET,
  };
  return classes;
}

static inline bool shim_all(const char *text, size_t size, uint8_t class) {
  const uint8_t *classes = shim_classes();
  uint8_t common = class;
  for (size_t i = 0; i < size; i++) common &= classes[(unsigned char)text[i]];
  return common != 0;
}

static inline bool shim_is_token(const char *text, size_t size) {
  return size > 0 && shim_all(text, size, SHIM_TOKEN);
}

static inline bool shim_is_name(const char *key, size_t size, const char *wanted, size_t length) {
  return size == length && strncasecmp(key, wanted, length) == 0;
}

static inline size_t shim_trimmed(const char *value, size_t size) {
  while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t')) size--;
  return size;
}

static inline int shim_field_fault(const char *key, size_t key_size, const char *value,
                                   size_t value_size) {
  if (!shim_is_token(key, key_size)) return SHIM_BAD_NAME;
  // A folded line is glued to the name by the library, which moves the name away from its value.
  if (value < key + key_size + 1) return SHIM_FOLDED;
  for (const char *gap = key + key_size + 1; gap < value; gap++) {
    if (gap - key > 65536 || (*gap != ' ' && *gap != '\t')) return SHIM_FOLDED;
  }
  return shim_all(value, value_size, SHIM_VALUE) ? SHIM_SOUND : SHIM_BAD_VALUE;
}

static inline int64_t shim_length(const char *value, size_t size) {
  int64_t length = 0;
  if (size == 0 || size > 18) return -1;
  for (size_t i = 0; i < size; i++) {
    if (value[i] < '0' || value[i] > '9') return -1;
    length = length * 10 + (value[i] - '0');
  }
  return length;
}

static inline enum MHD_Result shim_audit_field(void *context, enum MHD_ValueKind kind,
                                               const char *key, size_t key_size,
                                               const char *value, size_t value_size) {
  struct shim_head *head = context;
  (void)kind;
  if (!value) {
    value = key + key_size;
    value_size = 0;
  }
  // Two bytes end a line. A line feed alone is one, and a NUL in a value hides what is behind it.
  if (head->fault == SHIM_SOUND && key != head->end + 2) head->fault = SHIM_BAD_LINE;
  if (head->fault == SHIM_SOUND)
    head->fault = shim_field_fault(key, key_size, value, value_size);
  head->end = value + value_size;
  size_t size = shim_trimmed(value, value_size);
  head->count++;
  head->flat_bytes += key_size + size + 2;
  switch (key_size) {
    case 4:
      if (!shim_is_name(key, key_size, "host", 4)) break;
      head->hosts++;
      if (head->fault == SHIM_SOUND && !shim_all(value, size, SHIM_HOST))
        head->fault = SHIM_BAD_HOST;
      break;
    case 6:
      if (!shim_is_name(key, key_size, "expect", 6)) break;
      head->expects_continue |= size == 12 && strncasecmp(value, "100-continue", 12) == 0;
      break;
    case 14:
      if (!shim_is_name(key, key_size, "content-length", 14)) break;
      head->lengths++;
      head->content_length = shim_length(value, size);
      if (head->fault == SHIM_SOUND && head->content_length < 0) head->fault = SHIM_BAD_LENGTH;
      break;
    case 17:
      if (!shim_is_name(key, key_size, "transfer-encoding", 17)) break;
      head->codings++;
      head->chunked = value_size == 7 && strncasecmp(value, "chunked", 7) == 0;
      break;
    default: break;
  }
  return MHD_YES;
}

static inline struct shim_target shim_scan_target(const char *text) {
  const uint8_t *classes = shim_classes();
  struct shim_target found = {.length = strlen(text)};
  uint8_t common = SHIM_TARGET, any = 0;
  for (size_t i = 0; i < found.length; i++) {
    common &= classes[(unsigned char)text[i]];
    any |= (uint8_t)text[i];
  }
  const char *question = memchr(text, '?', found.length);
  found.question = question ? (size_t)(question - text) : found.length;
  found.sound = common != 0;
  found.ascii = any < 0x80;
  return found;
}

// A path of sound ASCII and nothing else: what is left of it, the library does not change.
static inline bool shim_is_plain(const char *text) {
  const struct shim_target found = shim_scan_target(text);
  return text[0] == '/' && found.sound && found.ascii && found.question == found.length;
}

// The library takes a line that begins with a colon or a NUL for the end of the head, and what is
// behind it for the body or the next request: so the head must end where the headers do. (A line of
// a colon and a line feed alone cannot be told from an empty one: both become two NULs.)
static inline void shim_audit(struct MHD_Connection *connection, const char *method,
                              const char *version, struct shim_head *head) {
  memset(head, 0, sizeof *head);
  head->content_length = -1;
  head->end = version + strlen(version);
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, shim_audit_field, head);
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  // The library writes NULs over the ends of lines.
  if (head->fault == SHIM_SOUND && (!info || method + info->header_size != head->end + 4 ||
                                    memcmp(head->end, "\0\0\0\0", 4) != 0))
    head->fault = SHIM_BAD_LINE;
}

// Whether header lines came behind a chunked body.
static inline bool shim_has_trailers(struct MHD_Connection *connection) {
  return MHD_get_connection_values(connection, MHD_FOOTER_KIND, NULL, NULL) > 0;
}

static inline enum MHD_Result shim_copy_field(void *context, enum MHD_ValueKind kind,
                                              const char *key, size_t key_size, const char *value,
                                              size_t value_size) {
  struct shim_head *head = context;
  (void)kind;
  size_t size = value ? shim_trimmed(value, value_size) : 0;
  memcpy(head->out, key, key_size);
  head->out[key_size] = '\0';
  if (size) memcpy(head->out + key_size + 1, value, size);
  head->out[key_size + 1 + size] = '\0';
  head->out += key_size + size + 2;
  return MHD_YES;
}

// Writes `name\0value\0…` for all headers; `to` holds the `flat_bytes` of the audit.
static inline void shim_copy_fields(struct MHD_Connection *connection, struct shim_head *head,
                                    void *to) {
  head->out = to;
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, shim_copy_field, head);
}

// MARK: Answers

static inline struct MHD_Response *shim_copied_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)(intptr_t)bytes, MHD_RESPMEM_MUST_COPY);
}

static inline struct MHD_Response *shim_streamed_response(MHD_ContentReaderCallback reader,
                                                          void *context,
                                                          MHD_ContentReaderFreeCallback freed) {
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, reader, context, freed);
}

static const ssize_t shim_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t shim_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;

#endif
