package network

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// maxList bounds the lists in it: AT+COPS=? must stay within what an application
// hands on.
const maxList = 64

// maxNetworkFile bounds a file for Load, in bytes.
const maxNetworkFile = 64 << 10

// Load reads a Network from YAML, as the package's documentation describes it. What is
// left out is as in [Default]. An unknown key, a value of the wrong type and one out of
// range are errors that name the key.
func Load(r io.Reader) (Network, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxNetworkFile+1))
	if err != nil {
		return Network{}, fmt.Errorf("the network file cannot be read: %w", err)
	}
	if len(text) > maxNetworkFile {
		return Network{}, fmt.Errorf("the network file is longer than %d bytes", maxNetworkFile)
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return Network{}, fmt.Errorf("the network file is not YAML: %w", err)
	}
	var doc, more yaml.Node
	switch err := loader.Load(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		return Default(), nil // an empty file
	case err != nil:
		return Network{}, fmt.Errorf("the network file is not YAML: %w", err)
	}
	if err := loader.Load(&more); !errors.Is(err, io.EOF) {
		return Network{}, errors.New("the network file holds more than one document: leave out the line of three dashes between them")
	}
	n := Default()
	if root := doc.Content[0]; root.Kind != yaml.ScalarNode || root.Tag != "!!null" {
		if err := networkFile(&n).load(root, ""); err != nil {
			return Network{}, fmt.Errorf("the network file: %w", err)
		}
	}
	return n, n.check()
}

// fields says what each key of a mapping sets.
type fields map[string]func(node *yaml.Node, key string) error

// networkFile is the keys of a network file.
func networkFile(n *Network) fields {
	return fields{
		"sim":           fields{"state": simState(&n.SIM), "pin": pin(&n.PIN), "puk": pin(&n.PUK)}.load,
		"attach-delay":  duration(&n.AttachDelay),
		"release-after": duration(&n.ReleaseAfter),
		"search-time":   duration(&n.SearchTime),
		"absent":        value(&n.Absent, "true or false"),
		"denied":        value(&n.Denied, "true or false"),
		"reject-cause":  value(&n.RejectCause, "a cause from 0 to 255"),
		"attach-cause":  value(&n.AttachCause, "a cause from 0 to 255"),
		"roaming":       value(&n.Roaming, "true or false"),
		"operator":      operator(&n.Operator),
		"others": func(node *yaml.Node, key string) error {
			return list(node, key, func(node *yaml.Node, key string) error {
				n.Others = append(n.Others, Operator{})
				return operator(&n.Others[len(n.Others)-1])(node, key)
			})
		},
		"outages": func(node *yaml.Node, key string) error {
			return list(node, key, func(node *yaml.Node, key string) error {
				var o Outage
				err := fields{"after": duration(&o.After), "for": duration(&o.For)}.load(node, key)
				n.Outages = append(n.Outages, o)
				return err
			})
		},
		"cell": fields{
			"tac": hexadecimal(16, func(v uint64) { n.TrackingArea = uint16(v) }),
			"id":  hexadecimal(32, func(v uint64) { n.Cell = uint32(v) }),

			"band":       value(&n.Band, "a band from 1 to 255"),
			"earfcn":     value(&n.EARFCN, "a channel number"),
			"ntn-band":   value(&n.NTNBand, "a band from 1 to 65535"),
			"ntn-earfcn": value(&n.NTNEARFCN, "a channel number"),
			"pci":        value(&n.PhysicalCell, "a physical cell identity from 0 to 503"),
		}.load,
		"signal":        strength(&n.Signal),
		"search-signal": strength(&n.SearchSignal),
		"apn":           value(&n.APN, "a name"),
		"addresses": fields{
			"ipv4": address(&n.IPv4), "ipv6": address(&n.IPv6), "mtu": value(&n.MTU, "a number of bytes"),
			"dns": func(node *yaml.Node, key string) error {
				return list(node, key, func(node *yaml.Node, key string) error {
					var a netip.Addr
					err := address(&a)(node, key)
					n.DNS = append(n.DNS, a)
					return err
				})
			},
		}.load,
		"power-saving": fields{
			"psm": not(&n.NoPSM), "active-time": bits(&n.ActiveTime, 8), "periodic-tau": bits(&n.PeriodicTAU, 8),
			"t3412": bits(&n.T3412, 8),
			"edrx":  not(&n.NoEDRX), "edrx-cycle": bits(&n.EDRX, 4),
		}.load,
		"time": fields{
			"given": not(&n.NoTime), "start": moment(&n.Time),
			"zone": value(&n.Zone, "a number of quarters of an hour"), "summer": value(&n.DST, "a number of hours"),
		}.load,
	}
}

// load reads a mapping.
func (f fields) load(node *yaml.Node, key string) error {
	if node.Kind != yaml.MappingNode {
		return at(node, key, "is a mapping of keys to values")
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		full := name.Value
		if key != "" {
			full = key + "." + full
		}
		set := f[name.Value]
		switch {
		case set == nil:
			return fmt.Errorf("line %d: there is no key %q; use one of %s", name.Line, full, f.names())
		case seen[name.Value]:
			return at(name, full, "stands here a second time")
		}
		seen[name.Value] = true
		if err := set(node.Content[i+1], full); err != nil {
			return err
		}
	}
	return nil
}

func (f fields) names() string { return strings.Join(slices.Sorted(maps.Keys(f)), ", ") }

// at returns the error that a key is not what it must be.
func at(node *yaml.Node, key, must string) error {
	if key == "" {
		key = "the file"
	}
	return fmt.Errorf("line %d: %s %s", node.Line, key, must)
}

func list(node *yaml.Node, key string, each func(*yaml.Node, string) error) error {
	if node.Kind != yaml.SequenceNode {
		return at(node, key, "is a list")
	}
	for i, item := range node.Content {
		if err := each(item, fmt.Sprintf("%s[%d]", key, i)); err != nil {
			return err
		}
	}
	return nil
}

// value reads a scalar into p.
func value[T any](p *T, what string) func(*yaml.Node, string) error {
	return func(node *yaml.Node, key string) error {
		if node.Kind != yaml.ScalarNode || node.Decode(p) != nil {
			return at(node, key, fmt.Sprintf("is %s, not %q", what, node.Value))
		}
		return nil
	}
}

// text reads a scalar as it is written, so that 00101 stays what it is.
func text(node *yaml.Node, key string) (string, error) {
	if node.Kind != yaml.ScalarNode {
		return "", at(node, key, "is a single value")
	}
	return node.Value, nil
}

// parsed reads a scalar with a function that says what is wrong with it.
func parsed(what string, parse func(string) bool) func(*yaml.Node, string) error {
	return func(node *yaml.Node, key string) error {
		s, err := text(node, key)
		if err == nil && !parse(s) {
			err = at(node, key, fmt.Sprintf("is %s, not %q", what, s))
		}
		return err
	}
}

// maxDuration keeps times within what a test or a lab can mean, and sums of them
// from overflowing.
const maxDuration = 10 * 365 * 24 * time.Hour

func duration(p *time.Duration) func(*yaml.Node, string) error {
	return parsed(`a time such as "2s" or "1m30s", not negative`, func(s string) bool {
		d, err := time.ParseDuration(s)
		*p = d
		return err == nil && d >= 0 && d <= maxDuration
	})
}

func moment(p *time.Time) func(*yaml.Node, string) error {
	return parsed(`a moment such as "2022-10-06T12:22:55Z"`, func(s string) bool {
		t, err := time.Parse(time.RFC3339, s)
		*p = t
		return err == nil && t.Year() >= 2000 && t.Year() < 2100
	})
}

func address(p *netip.Addr) func(*yaml.Node, string) error {
	return parsed("an IP address", func(s string) bool {
		a, err := netip.ParseAddr(s)
		*p = a
		return err == nil && a.Zone() == ""
	})
}

func bits(p *string, n int) func(*yaml.Node, string) error {
	return parsed(fmt.Sprintf("a string of %d bits", n), func(s string) bool {
		*p = s
		return IsBits(s, n)
	})
}

func pin(p *string) func(*yaml.Node, string) error {
	return parsed("four to eight digits", func(s string) bool {
		*p = s
		return IsPIN(s)
	})
}

func not(p *bool) func(*yaml.Node, string) error {
	return func(node *yaml.Node, key string) error {
		var yes bool
		err := value(&yes, "true or false")(node, key)
		*p = !yes
		return err
	}
}

func hexadecimal(bits int, set func(uint64)) func(*yaml.Node, string) error {
	return parsed(fmt.Sprintf("a hexadecimal number of %d digits at most", bits/4), func(s string) bool {
		var v uint64
		n, err := fmt.Sscanf(s, "%x", &v)
		set(v)
		return n == 1 && err == nil && len(s) <= bits/4 && strings.Trim(s, "0123456789abcdefABCDEF") == ""
	})
}

func simState(p *SIM) func(*yaml.Node, string) error {
	return parsed("present, absent or failed", func(s string) bool {
		state, ok := map[string]SIM{"present": SIMPresent, "absent": SIMAbsent, "failed": SIMFailed}[s]
		*p = state
		return ok
	})
}

func operator(o *Operator) func(*yaml.Node, string) error {
	return fields{
		"plmn": parsed("five or six digits", func(s string) bool {
			o.PLMN = s
			return IsPLMN(s)
		}),
		"name":       parsed("a name of up to 64 characters without quotation marks and line ends", operatorName(&o.Name)),
		"short-name": parsed("a name of up to 64 characters without quotation marks and line ends", operatorName(&o.ShortName)),
		"forbidden":  value(&o.Forbidden, "true or false"),
	}.load
}

func operatorName(p *string) func(string) bool {
	return func(s string) bool {
		*p = s
		return isPlain(s, 64)
	}
}

func strength(p *Signal) func(*yaml.Node, string) error {
	return fields{
		"rsrp": value(&p.RSRP, "a step from 0 to 97"),
		"rsrq": value(&p.RSRQ, "a step from 0 to 34"),
		"snr":  value(&p.SNR, "a step from 0 to 127"),
	}.load
}

// check returns what a single value does not show.
func (n *Network) check() error {
	for _, s := range []struct {
		key string
		s   Signal
	}{{"signal", n.Signal}, {"search-signal", n.SearchSignal}} {
		if s.s.RSRP > 97 || s.s.RSRQ > 34 || s.s.SNR > 127 {
			return fmt.Errorf("the network file: %s has an RSRP of 0 to 97, an RSRQ of 0 to 34 and an SNR of 0 to 127", s.key)
		}
	}
	switch {
	case len(n.Others) > maxList || len(n.Outages) > maxList || len(n.DNS) > maxList:
		return fmt.Errorf("the network file: others, outages and addresses.dns have %d entries at most", maxList)
	case n.IPv4.IsValid() && !n.IPv4.Is4():
		return errors.New("the network file: addresses.ipv4 is not an IPv4 address")
	case n.IPv6.IsValid() && !n.IPv6.Is6():
		return errors.New("the network file: addresses.ipv6 is not an IPv6 address")
	case n.PhysicalCell > 503:
		return errors.New("the network file: cell.pci is a number from 0 to 503")
	case n.Zone < -96 || n.Zone > 96 || n.DST < 0 || n.DST > 2:
		return errors.New("the network file: time.zone is -96 to 96 quarters of an hour, time.summer 0 to 2 hours")
	case !isPlain(n.APN, 100):
		return errors.New("the network file: apn has up to 100 characters without quotation marks and line ends")
	}
	return nil
}

// isPlain reports whether a text can stand in quotation marks in an answer.
func isPlain(s string, limit int) bool {
	return len(s) <= limit && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r > '~' })
}
