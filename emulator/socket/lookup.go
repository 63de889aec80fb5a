package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"nrf91emu/emulator/event"
)

// ErrNameNotFound is inside the error of a lookup that found no address.
var ErrNameNotFound = errors.New("host name not found")

func canonicalName(name string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
}

// LookupFailed reports whether it is the lookup of a host that has failed: nothing
// was sent, and no connection was tried.
func LookupFailed(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.lookup
}

// StartLookup finds the addresses of a host name, as getaddrinfo does. An
// address in text form is its own answer. done gets at least one address or an
// error that wraps ErrNameNotFound.
func (e *Engine) StartLookup(name string, f Family, done func([]netip.Addr, error)) {
	e.mu.Lock()
	defer e.unlock()
	s := &Socket{e: e, handle: -1, family: f}
	cause := e.cause()
	finish := func(addrs []netip.Addr, err error) {
		if e.cfg.Observe != nil {
			ev := &event.Socket{ID: cause, Op: event.SocketResolve, Handle: -1, Peer: name}
			if err != nil {
				n, reason := describe(err)
				ev.Errno, ev.Name, ev.Reason = int(n), n.Name(), reason
			}
			e.observe(event.Event{Socket: ev})
		}
		e.post(cause, func() { done(addrs, err) })
	}
	switch {
	case e.down:
		finish(nil, s.errorf("getaddrinfo", ESHUTDOWN, "the modem was shut down"))
		return
	case f < AnyFamily || f > IPv6:
		finish(nil, s.errorf("getaddrinfo", EAFNOSUPPORT, "no names in address family %d", f))
		return
	}
	online := e.network == Online
	if e.life == nil {
		e.life, e.endLife = context.WithCancelCause(context.Background())
	}
	ctx := e.life
	e.wg.Go(func() {
		addrs, err := s.resolve(ctx, name, online)
		e.mu.Lock()
		finish(addrs, err)
		e.unlockOwn()
	})
}

// Lookup is StartLookup that waits.
func (e *Engine) Lookup(name string, f Family) ([]netip.Addr, error) {
	type result struct {
		addrs []netip.Addr
		err   error
	}
	ch := make(chan result, 1)
	e.StartLookup(name, f, func(addrs []netip.Addr, err error) { ch <- result{addrs, err} })
	r := <-ch
	return r.addrs, r.err
}

// resolve finds the addresses of a name in the socket's family. It may block.
func (s *Socket) resolve(ctx context.Context, name string, online bool) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		ip = ip.Unmap()
		if !inFamily(ip, s.family) {
			return nil, s.errorf("getaddrinfo", EAFNOSUPPORT, "the address %s is not of the socket's family", ip)
		}
		return []netip.Addr{ip}, nil
	}
	if !online {
		return nil, s.errorf("getaddrinfo", ENETUNREACH, "the modem is offline")
	}
	if h, ok := s.e.hosts.byName[canonicalName(name)]; ok {
		if !inFamily(h.addr, s.family) {
			return nil, s.notFound(name, "it is mapped to "+h.addr.String()+", which is not of the socket's family", nil)
		}
		return []netip.Addr{h.addr}, nil
	}
	if s.e.cfg.NoExternal {
		if canonicalName(name) == "localhost" {
			return []netip.Addr{s.e.localAddress(max(s.family, IPv4), 0).Addr()}, nil
		}
		return nil, s.notFound(name, "the no-external setting asks no name server; map the name to a loopback address", nil)
	}
	var resolver Resolver = net.DefaultResolver
	if s.e.cfg.Resolver != nil {
		resolver = s.e.cfg.Resolver
	}
	network := map[Family]string{AnyFamily: "ip", IPv4: "ip4", IPv6: "ip6"}[s.family]
	found, err := resolver.LookupNetIP(ctx, network, name)
	var addrs []netip.Addr
	for _, a := range found {
		if a = a.Unmap(); inFamily(a, s.family) {
			addrs = append(addrs, a)
		}
	}
	if len(addrs) == 0 {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, s.notFound(name, "the name server has no address for it", err)
	}
	return addrs, nil
}

// notFound is the error of a failed lookup; that its errno is EHOSTUNREACH is
// chosen, applications report the resolver's own code.
func (s *Socket) notFound(name, why string, cause error) *Error {
	e := s.errorf("getaddrinfo", EHOSTUNREACH, "the host name %q was not found: %s", name, why)
	e.Err = ErrNameNotFound
	if cause != nil {
		e.Err = fmt.Errorf("%w: %w", ErrNameNotFound, cause)
	}
	return e
}

func inFamily(a netip.Addr, f Family) bool {
	return f == AnyFamily || (f == IPv4) == a.Is4()
}

// target finds the address to connect or send to, and what the program calls it.
func (s *Socket) target(ctx context.Context, op, host string, port uint16, online bool) (to, asked netip.AddrPort, err error) {
	addrs, err := s.resolve(ctx, host, online)
	if err != nil {
		var own *Error
		if errors.As(err, &own) {
			err = &Error{Op: op, Errno: own.Errno, Reason: own.Reason, Err: own.Err, lookup: true}
		}
		return to, asked, err
	}
	asked = netip.AddrPortFrom(addrs[0], port)
	if to, err = s.e.hosts.translate(asked); err != nil {
		return to, asked, s.errorf(op, ECONNREFUSED, "%s", err)
	}
	if reason, no := s.e.forbidden(to.Addr()); no {
		return to, asked, s.errorf(op, ENETUNREACH, "%s", reason)
	}
	return to, asked, nil
}

// isName reports whether a host is a name and no address.
func isName(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host != "" && err != nil
}

func hostPort(host string, port uint16) string {
	return net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(int(port)))
}
