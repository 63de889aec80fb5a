package network

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"nrf91emu/emulator/yamlform"
)

// maxList bounds the lists in it: AT+COPS=? must stay within what an application
// hands on.
const maxList = 64

// maxNeighbours is how many cells %NCELLMEAS can tell of (fact cells/ncellmeas).
const maxNeighbours = 17

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
	root, err := yamlform.Document(text)
	if err != nil {
		return Network{}, fmt.Errorf("the network file: %w", err)
	}
	if root == nil {
		return Default(), nil
	}
	return LoadNode(root, "")
}

// LoadNode reads a Network from a mapping of another file, with the keys that Load has.
// Messages name them behind key.
func LoadNode(node *yaml.Node, key string) (Network, error) {
	n := Default()
	if err := networkFile(&n).Load(node, key); err != nil {
		return Network{}, fmt.Errorf("the network file: %w", err)
	}
	return n, n.check()
}

// networkFile is the keys of a network file.
func networkFile(n *Network) yamlform.Fields {
	return yamlform.Fields{
		"sim":           yamlform.Fields{"state": simState(&n.SIM), "pin": pin(&n.PIN), "puk": pin(&n.PUK), "number": number(&n.Number)}.Load,
		"sms":           yamlform.Fields{"service-centre": number(&n.ServiceCentre)}.Load,
		"attach-delay":  duration(&n.AttachDelay),
		"release-after": duration(&n.ReleaseAfter),
		"search-time":   duration(&n.SearchTime),
		"absent":        yamlform.Value(&n.Absent, "true or false"),
		"denied":        yamlform.Value(&n.Denied, "true or false"),
		"reject-cause":  yamlform.Value(&n.RejectCause, "a cause from 0 to 255"),
		"reject-type":   yamlform.Value(&n.RejectType, "0 for EMM or 1 for the manufacturer's own"),
		"attach-cause":  yamlform.Value(&n.AttachCause, "a cause from 0 to 255"),
		"roaming":       yamlform.Value(&n.Roaming, "true or false"),
		"operator":      operator(&n.Operator),
		"others": func(node *yaml.Node, key string) error {
			return yamlform.List(node, key, func(node *yaml.Node, key string) error {
				n.Others = append(n.Others, Operator{})
				return operator(&n.Others[len(n.Others)-1])(node, key)
			})
		},
		"outages": func(node *yaml.Node, key string) error {
			return yamlform.List(node, key, func(node *yaml.Node, key string) error {
				var o Outage
				err := yamlform.Fields{"after": duration(&o.After), "for": duration(&o.For)}.Load(node, key)
				n.Outages = append(n.Outages, o)
				return err
			})
		},
		"cell": yamlform.Fields{
			"tac": hexadecimal(16, func(v uint64) { n.TrackingArea = uint16(v) }),
			"id":  hexadecimal(32, func(v uint64) { n.Cell = uint32(v) }),

			"band":       yamlform.Value(&n.Band, "a band from 1 to 255"),
			"earfcn":     yamlform.Value(&n.EARFCN, "a channel number"),
			"ntn-band":   yamlform.Value(&n.NTNBand, "a band from 1 to 65535"),
			"ntn-earfcn": yamlform.Value(&n.NTNEARFCN, "a channel number"),
			"ta":         yamlform.Value(&n.TimingAdvance, "a timing advance from 0 to 20512"),
			"pci":        yamlform.Value(&n.PhysicalCell, "a physical cell identity from 0 to 503"),
		}.Load,
		"neighbours": func(node *yaml.Node, key string) error {
			return yamlform.List(node, key, func(node *yaml.Node, key string) error {
				var c Neighbour
				err := neighbour(&c)(node, key)
				n.Neighbours = append(n.Neighbours, c)
				return err
			})
		},
		"signal":        strength(&n.Signal),
		"search-signal": strength(&n.SearchSignal),
		"apn":           yamlform.Value(&n.APN, "a name"),
		"addresses": yamlform.Fields{
			"ipv4": address(&n.IPv4), "ipv6": address(&n.IPv6), "ipv6-fails": yamlform.Value(&n.IPv6Fails, "true or false"), "mtu": yamlform.Value(&n.MTU, "a number of bytes"),
			"dns": func(node *yaml.Node, key string) error {
				return yamlform.List(node, key, func(node *yaml.Node, key string) error {
					var a netip.Addr
					err := address(&a)(node, key)
					n.DNS = append(n.DNS, a)
					return err
				})
			},
		}.Load,
		"power-saving": yamlform.Fields{
			"psm": not(&n.NoPSM), "active-time": bits(&n.ActiveTime, 8), "periodic-tau": bits(&n.PeriodicTAU, 8),
			"t3412": bits(&n.T3412, 8),
			"edrx":  not(&n.NoEDRX), "edrx-cycle": bits(&n.EDRX, 4),
		}.Load,
		"time": yamlform.Fields{
			"given": not(&n.NoTime), "start": moment(&n.Time),
			"zone": yamlform.Value(&n.Zone, "a number of quarters of an hour"), "summer": yamlform.Value(&n.DST, "a number of hours"),
		}.Load,
	}
}

// maxDuration keeps times within what a test or a lab can mean, and sums of them
// from overflowing.
const maxDuration = 10 * 365 * 24 * time.Hour

func duration(p *time.Duration) yamlform.Setter {
	return yamlform.Parsed(`a time such as "2s" or "1m30s", not negative`, func(s string) bool {
		d, err := time.ParseDuration(s)
		*p = d
		return err == nil && d >= 0 && d <= maxDuration
	})
}

func moment(p *time.Time) yamlform.Setter {
	return yamlform.Parsed(`a moment such as "2022-10-06T12:22:55Z"`, func(s string) bool {
		t, err := time.Parse(time.RFC3339, s)
		*p = t
		return err == nil && t.Year() >= 2000 && t.Year() < 2100
	})
}

func address(p *netip.Addr) yamlform.Setter {
	return yamlform.Parsed("an IP address", func(s string) bool {
		a, err := netip.ParseAddr(s)
		*p = a
		return err == nil && a.Zone() == ""
	})
}

func bits(p *string, n int) yamlform.Setter {
	return yamlform.Parsed(fmt.Sprintf("a string of %d bits", n), func(s string) bool {
		*p = s
		return IsBits(s, n)
	})
}

func pin(p *string) yamlform.Setter {
	return yamlform.Parsed("four to eight digits", func(s string) bool {
		*p = s
		return IsPIN(s)
	})
}

func not(p *bool) yamlform.Setter {
	return func(node *yaml.Node, key string) error {
		var yes bool
		err := yamlform.Value(&yes, "true or false")(node, key)
		*p = !yes
		return err
	}
}

func hexadecimal(bits int, set func(uint64)) yamlform.Setter {
	return yamlform.Parsed(fmt.Sprintf("a hexadecimal number of %d digits at most", bits/4), func(s string) bool {
		var v uint64
		n, err := fmt.Sscanf(s, "%x", &v)
		set(v)
		return n == 1 && err == nil && len(s) <= bits/4 && strings.Trim(s, "0123456789abcdefABCDEF") == ""
	})
}

func simState(p *SIM) yamlform.Setter {
	return yamlform.Parsed("present, absent or failed", func(s string) bool {
		state, ok := map[string]SIM{"present": SIMPresent, "absent": SIMAbsent, "failed": SIMFailed}[s]
		*p = state
		return ok
	})
}

func operator(o *Operator) yamlform.Setter {
	return yamlform.Fields{
		"plmn": yamlform.Parsed("five or six digits", func(s string) bool {
			o.PLMN = s
			return IsPLMN(s)
		}),
		"name":       yamlform.Parsed("a name of up to 64 characters without quotation marks and line ends", operatorName(&o.Name)),
		"short-name": yamlform.Parsed("a name of up to 64 characters without quotation marks and line ends", operatorName(&o.ShortName)),
		"forbidden":  yamlform.Value(&o.Forbidden, "true or false"),
	}.Load
}

func neighbour(c *Neighbour) func(*yaml.Node, string) error {
	return yamlform.Fields{
		"earfcn":          yamlform.Value(&c.EARFCN, "a channel number"),
		"pci":             yamlform.Value(&c.PhysicalCell, "a physical cell identity from 0 to 503"),
		"rsrp":            yamlform.Value(&c.RSRP, "a step from 0 to 97"),
		"rsrq":            yamlform.Value(&c.RSRQ, "a step from 0 to 34"),
		"time-difference": yamlform.Value(&c.TimeDifference, "a number of milliseconds"),
		"id":              hexadecimal(32, func(v uint64) { c.Cell = uint32(v) }),
		"tac":             hexadecimal(16, func(v uint64) { c.TrackingArea = uint16(v) }),
		"plmn": yamlform.Parsed("five or six digits", func(s string) bool {
			c.PLMN = s
			return IsPLMN(s)
		}),
	}.Load
}

func number(p *string) func(*yaml.Node, string) error {
	return yamlform.Parsed(`a telephone number such as "+447700900123"`, func(s string) bool {
		*p = s
		return IsNumber(s)
	})
}

func operatorName(p *string) func(string) bool {
	return func(s string) bool {
		*p = s
		return isPlain(s, 64)
	}
}

func strength(p *Signal) yamlform.Setter {
	return yamlform.Fields{
		"rsrp": yamlform.Value(&p.RSRP, "a step from 0 to 97"),
		"rsrq": yamlform.Value(&p.RSRQ, "a step from 0 to 34"),
		"snr":  yamlform.Value(&p.SNR, "a step from 0 to 127"),
	}.Load
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
	for _, c := range n.Neighbours {
		if c.PhysicalCell > 503 || c.RSRP > 97 || c.RSRQ > 34 || c.TimeDifference < -99999 || c.TimeDifference > 99999 {
			return errors.New("the network file: neighbours have a pci of 0 to 503, an rsrp of 0 to 97, an rsrq of 0 to 34 and a time-difference of -99999 to 99999 ms")
		}
	}
	switch {
	case len(n.Neighbours) > maxNeighbours:
		return fmt.Errorf("the network file: there are %d neighbours at most", maxNeighbours)
	case n.RejectType > 1:
		return errors.New("the network file: reject-type is 0 for EMM or 1 for the manufacturer's own")
	case n.TimingAdvance > 20512:
		return errors.New("the network file: cell.ta is a number from 0 to 20512")
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
