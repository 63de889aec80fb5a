/* A plain client for BenchmarkLibrary: the same upload, with OpenSSL. Usage: client PORT. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long microseconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	static char record[2048];
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	int one = 1;

	for (int i = 0; i < 7; i++) {
		struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[argc - 1])),
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		SSL *ssl = SSL_new(ctx);

		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		SSL_set_fd(ssl, fd);
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 || SSL_connect(ssl) != 1) {
			return 1;
		}
		long long start = microseconds();

		for (int n = 0; n < (1 << 20); n += sizeof(record)) {
			if (SSL_write(ssl, record, sizeof(record)) != sizeof(record)) {
				return 1;
			}
		}
		SSL_read(ssl, record, 1);
		printf("upload %lld us\n", microseconds() - start);
		SSL_free(ssl);
		close(fd);
	}
	return 0;
}
