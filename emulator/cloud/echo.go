package cloud

import (
	"context"
	"fmt"
	"io"
	"net"
)

// onEnd calls fn when the cloud ends, unless stop is called before.
func (c *Cloud) onEnd(fn func()) (stop func()) {
	cancel := context.AfterFunc(c.life, fn)
	return func() { cancel() }
}

// startUDPEcho sends each datagram back to where it came from.
func startUDPEcho(c *Cloud, s *Server) error {
	conn, err := c.listenPacket(s)
	if err != nil {
		return err
	}
	name := s.Name
	c.close = append(c.close, conn.Close)
	c.wg.Go(func() {
		for buf := make([]byte, 64<<10); ; {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if c.life.Err() != nil {
				return
			}
			if err != nil {
				continue // such as the refusal of an earlier answer
			}
			status := "sent back"
			if _, err := conn.WriteToUDPAddrPort(buf[:n], from); err != nil {
				status = err.Error()
			}
			c.feed.tell(Event{Server: name, Peer: from.String(), Request: &Request{Method: "datagram", Size: n, Status: status}})
		}
	})
	return nil
}

// startTCPEcho sends each byte back.
func startTCPEcho(c *Cloud, s *Server) error {
	ln, err := c.listen(s)
	if err != nil {
		return err
	}
	name := s.Name
	c.serveConns(ln, func(conn net.Conn) {
		n, err := io.Copy(conn, conn)
		status := fmt.Sprintf("%d bytes sent back", n)
		if err != nil {
			status += ": " + err.Error()
		}
		c.feed.tell(Event{Server: name, Peer: conn.RemoteAddr().String(), Request: &Request{Method: "connection", Size: int(n), Status: status}})
	})
	return nil
}
