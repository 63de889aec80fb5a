package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/link"
	"nrf91emu/keystore"
	"nrf91emu/keystore/provision"
)

// programs are those under test of the scripts about exec. Each takes the
// files and numbers that it needs as arguments.
var programs = map[string]func(){
	// FILE: provisions a CA under tag 24, as one should.
	"firmware-sound": program(func(ctx context.Context, c *atcmd.Client) error {
		content, err := os.ReadFile(os.Args[1])
		if err != nil {
			return err
		}
		_, err = provision.New(c).Ensure(ctx, firmwareKey, content)
		return err
	}),
	// FILE: asks whether there is one, and does not look which.
	"firmware-asks": program(func(ctx context.Context, c *atcmd.Client) error {
		content, err := os.ReadFile(os.Args[1])
		if err != nil {
			return err
		}
		if there, err := provision.New(c).Exists(ctx, firmwareKey); err != nil || there {
			return err
		}
		return provision.New(c).Write(ctx, firmwareKey, content)
	}),
	// FILE: writes it at every boot.
	"firmware-naive": program(func(ctx context.Context, c *atcmd.Client) error {
		content, err := os.ReadFile(os.Args[1])
		if err != nil {
			return err
		}
		return provision.New(c).Write(ctx, firmwareKey, content)
	}),
	// Provisions two short credentials, as one should.
	"firmware-short": program(func(ctx context.Context, c *atcmd.Client) error {
		m := provision.New(c)
		if _, err := m.Ensure(ctx, pskKey, []byte("c0ffee")); err != nil {
			return err
		}
		_, err := m.Ensure(ctx, identityKey, []byte("me"))
		return err
	}),
	// Writes an identity and then its key, and takes the identity for a sign that
	// both are there.
	"firmware-forgetful": program(func(ctx context.Context, c *atcmd.Client) error {
		m := provision.New(c)
		if there, err := m.Exists(ctx, identityKey); err != nil || there {
			return err
		}
		if err := m.Write(ctx, identityKey, []byte("me")); err != nil {
			return err
		}
		return m.Write(ctx, pskKey, []byte("c0ffee"))
	}),
	// Has another identity from the second boot on, and stores it in place of the first.
	"firmware-update": program(func(ctx context.Context, c *atcmd.Client) error {
		m := provision.New(c)
		if _, err := m.Ensure(ctx, pskKey, []byte("c0ffee")); err != nil {
			return err
		}
		me := "me"
		if os.Getenv(exec.BootVariable) != "1" {
			me = "another me"
		}
		_, err := m.Ensure(ctx, identityKey, []byte(me))
		return err
	}),
	// CODE BOOT: fails with that code in that boot.
	"firmware-fails": func() {
		if os.Getenv(exec.BootVariable) == os.Args[2] {
			code, _ := strconv.Atoi(os.Args[1])
			os.Exit(code)
		}
	},
	// Does not end, not even by SIGTERM.
	"firmware-hangs": func() {
		signal.Ignore(syscall.SIGTERM)
		time.Sleep(time.Hour)
	},
}

var (
	firmwareKey = keystore.Key{SecTag: 24, Type: keystore.RootCA}
	identityKey = keystore.Key{SecTag: 24, Type: keystore.PSKIdentity}
	pskKey      = keystore.Key{SecTag: 24, Type: keystore.PSK}
)

// program is a program that talks to the modem.
func program(fn func(context.Context, *atcmd.Client) error) func() {
	return func() {
		port, err := link.Dial(os.Getenv(exec.PortVariable), 115200)
		if err == nil {
			c := atcmd.NewClient(port, atcmd.ClientOptions{})
			err = errors.Join(fn(context.Background(), c), c.Close())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
