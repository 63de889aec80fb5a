package devicefile

import (
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/assume"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/gnss"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/yamlform"
	"nrf91emu/keystore"
)

// A Device is what a file says. The zero Device is one that says nothing.
type Device struct {
	// Profile and Application are names; empty where the file names none.
	Profile, Application string
	// IMEI, UUID and ICCID are parts of an identity, empty where the file has none.
	IMEI, UUID, ICCID string
	// Supply is in millivolts, 0 where the file does not say.
	Supply int
	// Network is what is on the air; nil where the file does not say. Air is the same
	// as it stands in the file, or in the network file that it names.
	Network *network.Network
	Air     *yaml.Node
	// Hosts are mappings as [socket.ParseHost] has them.
	Hosts                                     []string
	NoExternal, ListenExternal, RefuseExpired bool
	// Positions is the path of a file for [gnss.ReadTrack]; TimeToFix is 0 where the
	// file does not say.
	Positions string
	TimeToFix time.Duration
	// Credentials are stored before the first power-on.
	Credentials []Credential
	// Assume are answers to what no source settles; nil for none.
	Assume assume.Set
	Faults []fault.Spec
	Seed   *uint64 // nil where the file does not say
}

// A Credential is one that is in the store from the beginning.
type Credential struct {
	Key     keystore.Key
	File    string // where Content was read from; empty if it stands in the device file
	Content []byte
}

// maxFile bounds a device file, maxCredential the files of credentials, in bytes.
const (
	maxFile       = 256 << 10
	maxCredential = 1 << 20
)

// Read reads a device from a file.
func Read(path string) (*Device, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the device file cannot be read: %w", err)
	}
	defer f.Close()
	d, err := Load(f, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// Load reads a device from YAML. Names of files in it are relative to dir.
func Load(r io.Reader, dir string) (*Device, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("the device file cannot be read: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("the device file is longer than %d bytes", maxFile)
	}
	root, err := yamlform.Document(text)
	if err != nil {
		return nil, err
	}
	d := new(Device)
	if root == nil {
		return d, nil
	}
	return d, d.load(root, dir)
}

// checked returns what reads a single value as it is written, so that 00101 stays what it
// is, with a function that says what is wrong with it.
func checked(set func(string) error) yamlform.Setter {
	return func(node *yaml.Node, key string) error {
		s, err := yamlform.Text(node, key)
		if err == nil {
			if err = set(s); err != nil {
				err = fmt.Errorf("line %d: %s: %w", node.Line, key, err)
			}
		}
		return err
	}
}

func list(each yamlform.Setter) yamlform.Setter {
	return func(node *yaml.Node, key string) error { return yamlform.List(node, key, each) }
}

func (d *Device) load(root *yaml.Node, dir string) error {
	at := func(path string) string {
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(dir, path)
	}
	return yamlform.Fields{
		"profile": checked(func(s string) error {
			d.Profile = s
			_, err := profile.Lookup(s)
			return err
		}),
		"application": checked(func(s string) error {
			d.Application = s
			_, err := dialects.Lookup(s)
			return err
		}),
		"identity": yamlform.Fields{
			"imei": checked(func(s string) error {
				d.IMEI = s
				return profile.CheckIMEI(s)
			}),
			"uuid": checked(func(s string) error {
				d.UUID = strings.ToLower(s)
				return profile.CheckUUID(d.UUID)
			}),
			"iccid": checked(func(s string) (err error) {
				d.ICCID = s
				_, err = profile.PadICCID(s)
				return err
			}),
		}.Load,
		"supply": checked(func(s string) (err error) {
			if d.Supply, err = strconv.Atoi(s); err != nil || d.Supply < MinSupply || d.Supply > MaxSupply {
				return fmt.Errorf("it is in millivolts, %d to %d; not %s", MinSupply, MaxSupply, s)
			}
			return nil
		}),
		"network": func(node *yaml.Node, key string) error { return d.readNetwork(node, key, at) },
		"hosts": list(checked(func(s string) error {
			d.Hosts = append(d.Hosts, s)
			_, _, err := socket.ParseHost(s)
			return err
		})),
		"no-external":     yamlform.Value(&d.NoExternal, "true or false"),
		"listen-external": yamlform.Value(&d.ListenExternal, "true or false"),
		"refuse-expired":  yamlform.Value(&d.RefuseExpired, "true or false"),
		"positions": checked(func(s string) error {
			d.Positions = at(s)
			_, err := d.Track()
			return err
		}),
		"time-to-fix": checked(func(s string) (err error) {
			if d.TimeToFix, err = time.ParseDuration(s); err != nil || d.TimeToFix <= 0 {
				return fmt.Errorf("it is a time such as 30s, not %q", s)
			}
			return nil
		}),
		"credentials": list(func(node *yaml.Node, key string) error { return d.readCredential(node, key, at) }),
		"assume": list(checked(func(s string) error {
			if d.Assume == nil {
				d.Assume = assume.Set{}
			}
			if strings.Contains(s, "=") {
				return d.Assume.Add(s)
			}
			f, err := os.Open(at(s))
			if err != nil {
				return fmt.Errorf("it is NAME=VALUE, or the name of a file with answers: %w", err)
			}
			defer f.Close()
			return d.Assume.Read(f)
		})),
		"faults": list(checked(func(s string) error {
			spec, err := fault.Parse(s)
			d.Faults = append(d.Faults, spec)
			return err
		})),
		"seed": checked(func(s string) error {
			n, err := strconv.ParseUint(s, 10, 64)
			if err != nil {
				return fmt.Errorf("it is a number, not %q", s)
			}
			d.Seed = &n
			return nil
		}),
	}.Load(root, "")
}

// What the supply of an nRF91 may be, in millivolts: VDD in the product specifications
// is 3.0 V to 5.5 V; the power-off warning is to be tried below that.
const (
	MinSupply = 2500
	MaxSupply = 5500
)

// readNetwork reads a network, or the file that has it.
func (d *Device) readNetwork(node *yaml.Node, key string, at func(string) string) error {
	if node.Kind == yaml.ScalarNode && node.Tag != "!!null" {
		path := at(node.Value)
		text, err := os.ReadFile(path)
		if err == nil {
			key = path
			node, err = yamlform.Document(text)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	air := network.Default()
	if node != nil {
		var err error
		if air, err = network.LoadNode(node, key); err != nil {
			return err
		}
		if node.Kind == yaml.MappingNode {
			d.Air = node
		}
	}
	d.Network = &air
	return nil
}

// TypeNames are the types of credentials as device files and command lines have them.
var TypeNames = map[string]keystore.CredentialType{
	"ca": keystore.RootCA, "cert": keystore.ClientCertificate, "key": keystore.PrivateKey,
	"psk": keystore.PSK, "identity": keystore.PSKIdentity,
}

func (d *Device) readCredential(node *yaml.Node, key string, at func(string) string) error {
	c := Credential{}
	hasTag, hasType, hasContent := false, false, false
	err := yamlform.Fields{
		"tag": checked(func(s string) error {
			n, err := strconv.ParseUint(s, 10, 32)
			c.Key.SecTag, hasTag = keystore.SecTag(n), true
			if err != nil {
				return fmt.Errorf("it is a security tag, 0 to 4294967295; not %q", s)
			}
			return nil
		}),
		"type": checked(func(s string) error {
			typ, ok := TypeNames[s]
			if n, err := strconv.ParseUint(s, 10, 8); err == nil {
				typ, ok = keystore.CredentialType(n), true
			}
			c.Key.Type, hasType = typ, true
			if !ok {
				return fmt.Errorf("it is ca, cert, key, psk, identity or a number; not %q", s)
			}
			return nil
		}),
		"file": checked(func(s string) error {
			f, err := os.Open(at(s))
			if err != nil {
				return err
			}
			defer f.Close()
			c.File = at(s)
			c.Content, err = io.ReadAll(io.LimitReader(f, maxCredential+1))
			if len(c.Content) > maxCredential {
				err = fmt.Errorf("%s is longer than %d bytes: is it the right file?", s, maxCredential)
			}
			return err
		}),
		"content": checked(func(s string) error {
			hasContent = true
			c.Content = []byte(s)
			return nil
		}),
	}.Load(node, key)
	switch secret := c.Key.Type == keystore.PrivateKey || c.Key.Type == keystore.PSK; {
	case err != nil:
		return err
	case !hasTag || !hasType || hasContent == (c.File != ""):
		return yamlform.At(node, key, "has a tag, a type, and either a file or a content")
	case hasContent && secret:
		return yamlform.At(node, key, fmt.Sprintf("is a %v, which stands in a file of its own: write file in place of content", c.Key.Type))
	case len(c.Content) == 0:
		return yamlform.At(node, key, "has nothing in it")
	}
	d.Credentials = append(d.Credentials, c)
	return nil
}

// Track reads the positions; nil if there are none.
func (d *Device) Track() (gnss.Track, error) {
	if d.Positions == "" {
		return nil, nil
	}
	f, err := os.Open(d.Positions)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return gnss.ReadTrack(f)
}

// Configure sets in cfg what the file says, over what is there. Credentials and faults
// are for the caller.
func (d *Device) Configure(cfg *emulator.Config) error {
	if d.Profile != "" {
		p, err := profile.Lookup(d.Profile)
		if err != nil {
			return err
		}
		cfg.Profile = &p
	}
	if len(d.Assume) > 0 {
		p, err := usual(cfg.Profile)
		if err != nil {
			return err
		}
		d.Assume.Apply(&p)
		cfg.Profile = &p
	}
	if d.Application != "" {
		dialect, err := dialects.Lookup(d.Application)
		if err != nil {
			return err
		}
		cfg.Dialect = dialect
	}
	if d.IMEI != "" || d.UUID != "" || d.ICCID != "" {
		if err := d.identify(cfg); err != nil {
			return err
		}
	}
	if d.Supply != 0 {
		cfg.Supply = d.Supply
	}
	if d.Network != nil {
		air := *d.Network
		cfg.Network = &air
	}
	hosts := maps.Clone(cfg.Hosts)
	for _, text := range d.Hosts {
		name, addr, err := socket.ParseHost(text)
		if err != nil {
			return err
		}
		if hosts == nil {
			hosts = make(map[string]netip.AddrPort)
		}
		hosts[name] = addr
	}
	cfg.Hosts = hosts
	cfg.NoExternal = cfg.NoExternal || d.NoExternal
	cfg.ListenExternal = cfg.ListenExternal || d.ListenExternal
	cfg.RefuseExpired = cfg.RefuseExpired || d.RefuseExpired
	if d.TimeToFix != 0 {
		cfg.TimeToFix = d.TimeToFix
	}
	if d.Positions != "" {
		track, err := d.Track()
		if err != nil {
			return err
		}
		cfg.Track = track
	}
	return nil
}

// usual returns a copy of a profile, or the default one for nil.
func usual(p *profile.Profile) (profile.Profile, error) {
	if p != nil {
		return *p, nil
	}
	return profile.Lookup(profile.Default)
}

// identify sets the identity: that of the first modem of the profile, where the file
// leaves something out.
func (d *Device) identify(cfg *emulator.Config) error {
	p, err := usual(cfg.Profile)
	if err != nil {
		return err
	}
	id := profile.NewIdentity(&p, 0)
	if cfg.Identity != nil {
		id = *cfg.Identity
	}
	if d.IMEI != "" {
		id.IMEI = d.IMEI
	}
	if d.UUID != "" {
		id.DeviceUUID = d.UUID
	}
	if d.ICCID != "" {
		iccid, err := profile.PadICCID(d.ICCID)
		if err != nil {
			return err
		}
		id.ICCID = iccid
	}
	cfg.Identity = &id
	return nil
}
