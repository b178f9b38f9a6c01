/*
 * What a static program has in place of libgit2's network. tonnage never opens a connection, yet
 * libgit2.a drags in TLS, SSH and Kerberos (which has no archive on Debian), sets TLS up at every start
 * (5 ms), and makes the linker warn of name look-ups. The linker takes these symbols first and leaves
 * the archive's own members out.
 *
 * The names are those of libgit2 1.5. meson tries them with the libgit2 that is there, and links a
 * dynamic program, without this file, where they do not fit.
 */
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>

bool git_http__expect_continue;

int git_mbedtls_stream_global_init(void);
int git_mbedtls_stream_new(void *out, const char *host, const char *port);
int git_mbedtls_stream_wrap(void *out, void *in, const char *host);
int git_mbedtls__set_cert_location(const char *file, const char *path);
int git_socket_stream_new(void *out, const char *host, const char *port);
int git_transport_ssh_global_init(void);
int git_smart_subtransport_git(void *out, void *owner, void *param);
int git_smart_subtransport_http(void *out, void *owner, void *param);
int git_smart_subtransport_ssh(void *out, void *owner, void *param);

int git_mbedtls_stream_global_init(void) {
	return 0;
}

int git_transport_ssh_global_init(void) {
	return 0;
}

int git_mbedtls_stream_new(void *out, const char *host, const char *port) {
	(void)out, (void)host, (void)port;
	return -1;
}

int git_mbedtls_stream_wrap(void *out, void *in, const char *host) {
	(void)out, (void)in, (void)host;
	return -1;
}

int git_mbedtls__set_cert_location(const char *file, const char *path) {
	(void)file, (void)path;
	return -1;
}

int git_socket_stream_new(void *out, const char *host, const char *port) {
	(void)out, (void)host, (void)port;
	return -1;
}

int git_smart_subtransport_git(void *out, void *owner, void *param) {
	(void)out, (void)owner, (void)param;
	return -1;
}

int git_smart_subtransport_http(void *out, void *owner, void *param) {
	(void)out, (void)owner, (void)param;
	return -1;
}

int git_smart_subtransport_ssh(void *out, void *owner, void *param) {
	(void)out, (void)owner, (void)param;
	return -1;
}

/* libgit2 asks for a home directory only where the process is set-uid; a static C library would load
 * shared objects for the answer. "No such user" is one that it knows. */
int getpwuid_r(uid_t uid, struct passwd *pwd, char *buf, size_t buflen, struct passwd **result) {
	(void)uid, (void)pwd;
	if (buflen > 0) {
		buf[0] = '\0';
	}
	*result = NULL;
	return 0;
}
