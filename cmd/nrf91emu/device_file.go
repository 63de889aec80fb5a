package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"nrf91emu/emulator/devicefile"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/network"
)

// printing is the flag of commands that write a device file.
type printing struct {
	PrintDevice bool `help:"Print the device that the flags describe as a file for --device, and end."`
}

// described returns what --device says, which is read once; an empty one without it.
func (c *device) described() (*devicefile.Device, error) {
	if c.file != nil || c.Device == "" {
		return cmp.Or(c.file, new(devicefile.Device)), nil
	}
	file, err := devicefile.Read(c.Device)
	if err != nil {
		return nil, usagef("--device: %w", err)
	}
	c.file = file
	return file, nil
}

// absolute returns a path that holds everywhere; an empty one stays so.
func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}

// print writes the device that the flags describe, with the credentials and faults of
// the command.
func (c *device) print(std stdio, credentials []devicefile.Credential, faults []fault.Spec, seed *uint64) error {
	cfg, err := c.config(0, network.Default().AttachDelay, 0)
	if err != nil {
		return err
	}
	file, err := c.described()
	if err != nil {
		return err
	}
	d := *file
	plan, err := c.assumptions()
	if err != nil {
		return err
	}
	if len(plan.Vary) > 0 {
		return usagef("a device file has one answer to each question: write --assume NAME=VALUE in place of %s", strings.Join(plan.Vary, " and "))
	}
	d.Assume = plan.Fixed
	d.Profile, d.Application, d.Supply = cfg.Profile.Name, cfg.Dialect.Name, cfg.Supply
	d.IMEI, d.UUID, d.ICCID = cfg.Identity.IMEI, cfg.Identity.DeviceUUID, cfg.Identity.ICCID
	if c.Network != "" {
		read, err := devicefile.Load(strings.NewReader(fmt.Sprintf("network: %q\n", c.Network)), "")
		if err != nil {
			return usagef("--network: %w", err)
		}
		d.Air = read.Air
	}
	if c.AttachDelay != nil {
		d.SetAir("attach-delay", c.AttachDelay.String())
	}
	if c.Roaming {
		d.SetAir("roaming", "true")
	}
	if c.NoSIM {
		d.SetAir("sim.state", "absent")
	}
	d.Hosts = append(slices.Clone(d.Hosts), c.Host...)
	d.NoExternal, d.ListenExternal, d.RefuseExpired = cfg.NoExternal, cfg.ListenExternal, cfg.RefuseExpired
	// The file may lie anywhere, and names in it are relative to where it does.
	if d.Positions, err = absolute(cmp.Or(c.Positions, d.Positions)); err != nil {
		return err
	}
	if c.TimeToFix != nil {
		d.TimeToFix = *c.TimeToFix
	}
	d.Credentials = append(slices.Clone(d.Credentials), credentials...)
	for i := range d.Credentials {
		if d.Credentials[i].File, err = absolute(d.Credentials[i].File); err != nil {
			return err
		}
	}
	d.Faults = append(slices.Clone(d.Faults), faults...)
	d.Seed = cmp.Or(seed, d.Seed)
	return d.Write(std.out)
}
