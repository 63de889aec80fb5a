// Package socket is the modem's socket interface on the host's real network:
// TCP, UDP, TLS 1.2 and DTLS 1.2 with the trust and identity that the modem's
// credential store holds. It knows no AT commands and can be used alone.
//
// An [Engine] is the socket layer of one modem. [Engine.Open] hands out sockets
// with the lowest free handle; options carry the numbers of Nordic's
// nrf_socket.h, errors the numbers of the application's C library with the true
// reason beside it ([Error]).
//
// # Blocking operations
//
// An operation that may take time comes in two forms. StartConnect, StartSend,
// StartRecv and so on return at once; their callback is run later, never inside
// the call, through [Config.Post], which a device uses to take its lock. The
// forms without Start wait for the same callback and are for programs that hold
// no such lock. Every callback is called exactly once; closing the socket, losing
// the network and [Engine.Shutdown] end what is in progress. All methods are safe
// for concurrent use, and none of them blocks on the network except those
// documented to wait.
//
// A connected socket costs one goroutine, which reads ahead a few kilobytes and
// no more, so that a peer feels TCP's back-pressure; DTLS costs the two of
// pion/dtls besides. An engine without sockets has none.
//
// # Known deviations from the modem
//
// The list in emulator/DEVIATIONS.md is made from these facts: tls/missing-suites and
// tls/dtls-suites (see [TLSCipherSuites] and [DTLSCipherSuites]), tls/psk-without-ca,
// tls/dtls-psk-only, tls/suite-order, tls/resumption, tls/dtls-fragment-extension,
// tls/dtls-save-memory, tls/host-network, tls/alert, tls/verify-optional and
// tls/expired.
package socket
