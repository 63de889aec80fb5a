package provisioning_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/firmware/examples/provisioning"
	"nrf91emu/emulator/host"
	"nrf91emu/emulator/modemtest"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// allCuts makes TestProgramsHeal cut the power at every flash step; without it
// a part of them is tried, another one for each program.
const allCuts = "NRF91EMU_ALL_CUTS"

// boots is over how many boots programs are judged.
const boots = 3

// newMaterial returns what the programs provision, with a server that they may
// connect to until the test ends.
func newMaterial(t *testing.T) *provisioning.Material {
	t.Helper()
	material, err := provisioning.NewMaterial()
	require.NoError(t, err)
	pair, err := tls.X509KeyPair([]byte(material.ServerCert), []byte(material.ServerKey))
	require.NoError(t, err)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	material.ServerPort = l.Addr().(*net.TCPAddr).Port
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				// It reads to the end; what the client has to say does not matter.
				server := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{pair}})
				_, _ = io.Copy(io.Discard, server)
			}()
		}
	}()
	return material
}

// contents is what a store holds.
type contents map[keystore.Key]string

// trial is a program on a device.
type trial struct {
	program provisioning.Program
	modem   *modemtest.Modem
	host    *host.Host
	// errors are what the program ended with in each boot, after are the contents
	// of the store then.
	errors []error
	after  []contents
	steps  int // of the flash, all boots together
	cut    int // boot in which the power was cut, 0 for none
}

// try runs a program over three boots. The power is cut during a flash step, from
// 1, or never for 0; the boot is then begun again.
func try(t *testing.T, p provisioning.Program, material *provisioning.Material, step int, how flash.Tear) *trial {
	t.Helper()
	r := &trial{program: p, modem: modemtest.NewUnstarted(t)}
	m := r.modem
	if p.Profile != "" {
		modemtest.Profile(p.Profile)(m)
	}
	if p.App != "" {
		modemtest.Application(p.App)(m)
	}
	if p.Stored != nil {
		m.Stored = p.Stored(material)
	}
	m.Start()
	r.host = host.Attach(m.Device())
	for boot := 1; boot <= boots; boot++ {
		f := &provisioning.Firmware{Host: r.host, Material: material, Boot: boot}
		if boot > 1 {
			m.PowerCycle()
		}
		if boot > 1 && p.Renewed {
			f.Material = material.Renewed()
		}
		before := m.Config.Flash.Steps()
		if step > r.steps {
			m.CutAt(step-r.steps-1, how)
		}
		err := p.Run(f)
		r.steps += int(m.Config.Flash.Steps() - before)
		if !m.Device().On() {
			r.cut = boot // what the program made of it does not matter
			m.PowerOn()
			err = p.Run(f)
		}
		r.errors = append(r.errors, err)
		r.after = append(r.after, r.stored(t))
	}
	return r
}

// stored returns what the store holds. The content of what the program makes
// itself is not the same each time.
func (r *trial) stored(t *testing.T) contents {
	t.Helper()
	all := contents{}
	entries, err := r.modem.Device().Bench().Credentials()
	require.NoError(t, err)
	for _, e := range entries {
		if e.System {
			continue
		}
		_, content, err := r.modem.Device().Bench().Credential(e.Key)
		require.NoError(t, err)
		if slices.Contains(r.program.Made, e.Key) {
			content = []byte("(made by the modem)")
		}
		all[e.Key] = string(content)
	}
	return all
}

func (r *trial) close() {
	r.host.Detach()
	r.modem.Close()
}

// found returns the rules that found something at a level or above, and those that
// noted something below it.
func found(r *audit.Report) (complaints, notes []string) {
	for _, f := range r.Findings {
		list := &complaints
		if f.Level < audit.Warning {
			list = &notes
		}
		if !slices.Contains(*list, f.Rule) {
			*list = append(*list, f.Rule)
		}
	}
	slices.Sort(complaints)
	return complaints, notes
}

// text is a report as a person reads it, and what was said at the port.
func (r *trial) text() string {
	var b strings.Builder
	r.modem.Report().WriteText(&b, audit.TextOptions{})
	for _, e := range r.modem.Events() {
		switch {
		case e.Power != nil:
			b.WriteString("* power " + string(e.Power.Action) + "\n")
		case e.Command != nil:
			fmt.Fprintf(&b, "%.60q", e.Command.Text)
		case e.Response != nil:
			b.WriteString(" -> " + e.Response.Result + "\n")
		}
	}
	return b.String()
}

// The judge says of each program what it has to, and nothing else.
func TestPrograms(t *testing.T) {
	material := newMaterial(t)
	sound, bad := 0, 0
	for _, p := range provisioning.Programs() {
		t.Run(p.Name, func(t *testing.T) {
			r := try(t, p, material, 0, 0)
			defer r.close()
			if p.Sound() {
				sound++
				require.NoError(t, errors.Join(r.errors...))
			} else {
				bad++
			}
			complaints, notes := found(r.modem.Report())
			if diff := cmp.Diff(p.Finds, complaints); diff != "" {
				t.Fatalf("the judge is wrong (- wanted, + found):\n%s%s", diff, r.text())
			}
			require.Subset(t, notes, p.Notes)
			for _, f := range r.modem.Report().Findings {
				require.NotEmpty(t, f.Places, "%s does not say where", f.Rule)
				require.Positive(t, f.Places[0].Boot, f.Rule)
				require.Positive(t, f.Places[0].Exchange, f.Rule)
			}
		})
	}
	t.Logf("%d sound programs, %d others", sound, bad)
}

// A sound program heals at the next boot, whenever the power goes.
func TestProgramsHeal(t *testing.T) {
	material := newMaterial(t)
	// Another part for each program.
	stride := 11
	if os.Getenv(allCuts) != "" {
		stride = 1
	}
	cuts, steps, programs := 0, 0, 0
	for i, p := range provisioning.Programs() {
		if !p.Sound() {
			continue
		}
		programs++
		t.Run(p.Name, func(t *testing.T) {
			whole := try(t, p, material, 0, 0)
			whole.close()
			steps += whole.steps
			for step := 1 + i%stride; step <= whole.steps; step += stride {
				how := flash.Tear((i + step) % flash.Tears)
				r := try(t, p, material, step, how)
				require.NotZero(t, r.cut, "step %d was not reached", step)
				cuts++
				for boot, err := range r.errors {
					require.NoError(t, err, "boot %d, after the power was cut during flash step %d (%v)", boot+1, step, how)
				}
				if diff := cmp.Diff(whole.after, r.after); diff != "" {
					t.Fatalf("after the power was cut during flash step %d (%v) in boot %d the store does not hold what it should:\n%s%s",
						step, how, r.cut, diff, r.text())
				}
				if complaints, _ := found(r.modem.Report()); len(complaints) > 0 {
					t.Fatalf("after the power was cut during flash step %d (%v) in boot %d the judge complains:\n%s", step, how, r.cut, r.text())
				}
				r.close()
			}
		})
	}
	t.Logf("%d power cuts tried in %d programs, of %d flash steps; %s=1 tries all", cuts, programs, steps, allCuts)
	require.Positive(t, cuts)
}
