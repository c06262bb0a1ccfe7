// The smallest libmicrohttpd program, a peer to measure against: one epoll thread, one response
// prepared at the start, nothing looked at but that the request is whole.
//
//   minimal PORT BYTES     answers every request on loopback with a body of BYTES bytes
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum MHD_Result answer(void *prepared, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **seen) {
    (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
    if (*seen == NULL) {  // A response queued in the first call would close the connection.
        *seen = prepared;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, prepared);
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "usage: minimal PORT BYTES\n"), 2;
    size_t bytes = strtoul(arguments[2], NULL, 10);
    char *body = malloc(bytes + 1);
    if (body == NULL) return fprintf(stderr, "no memory for %zu bytes\n", bytes), 1;
    memset(body, 'x', bytes);
    struct MHD_Response *prepared =
        MHD_create_response_from_buffer(bytes, body, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(prepared, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");

    struct sockaddr_in loopback = {.sin_family = AF_INET,
                                   .sin_port = htons((unsigned short)atoi(arguments[1])),
                                   .sin_addr = {htonl(INADDR_LOOPBACK)}};
    sigset_t stops;  // Blocked before the daemon's thread exists, so that sigwait gets them.
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, prepared, MHD_OPTION_SOCK_ADDR,
        &loopback, MHD_OPTION_CONNECTION_LIMIT, 1024u, MHD_OPTION_END);
    if (daemon == NULL) return perror("cannot listen"), 1;
    int stop;
    sigwait(&stops, &stop);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(prepared);
    return 0;
}
