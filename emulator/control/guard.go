package control

import (
	"net"
	"net/http"
)

// guard lets requests through that come from this machine's own programs. What a
// browser sends for a web page is refused: changes by their Origin or
// Sec-Fetch-Site header, and on TCP everything whose Host is a name that may
// have been made to point here (DNS rebinding).
func (s *Server) guard(checkHost bool, next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusForbidden, "a web page of another site must not control the modem")
	}))
	next = cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if checkHost && !localHost(r.Host) {
			fail(w, http.StatusForbidden, "the Host header must be an address or localhost, not %q", r.Host)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// localHost reports whether a Host header is one that nobody can redirect.
func localHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
