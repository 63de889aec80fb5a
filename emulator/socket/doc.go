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
//   - Cipher suites: the modem's 0xC024 and, over TLS, its four PSK suites
//     (0x008C, 0x008D, 0x00AE, 0xC0A8) are not in crypto/tls; over DTLS, 0xC009,
//     0xC013, 0xC023, 0xC024, 0xC027, 0x008C and 0x008D are not in pion/dtls. They
//     are left out of the ClientHello. See [TLSCipherSuites], [DTLSCipherSuites].
//   - A TLS socket whose security tags hold a pre-shared key and no CA certificate
//     is refused with EOPNOTSUPP.
//   - crypto/tls orders the offered cipher suites itself, so the priority in
//     [Socket.SetCipherSuites] decides only which are offered.
//   - When the server's certificate is refused, the alert on the wire is
//     bad_certificate; the modem has been seen to send unknown_ca.
//   - TLS sessions are resumed by ticket only, not by session identifier.
//   - DTLS sockets with a pre-shared key offer only PSK suites, even if their tags
//     hold a CA as well.
//   - The DTLS fragment length is kept by splitting handshake messages; the
//     max_fragment_length extension is not sent.
//   - DTLS save and load suspend and resume the session where it is: what can be
//     seen from outside is the same, the memory is not given back.
//   - Echo replies, release assistance and PDN binding are remembered and have no
//     effect on the host's network; raw sockets open and do nothing.
//   - The address of a connection is the host's.
package socket
