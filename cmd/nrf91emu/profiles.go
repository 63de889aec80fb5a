package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/facts"
	"nrf91emu/emulator/profile"
)

// profilesCmd is nrf91emu profiles.
type profilesCmd struct {
	Facts bool `help:"Show what each firmware version changed, with its source."`
	JSON  bool `help:"Print JSON."`
}

// Run lists profiles and applications.
func (c *profilesCmd) Run(std stdio) error {
	if c.JSON {
		return c.json(std)
	}
	w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "PROFILE\tCHIP\tFIRMWARE\tCOPIED FROM")
	for _, p := range profile.All() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Name, p.Chip.Name, p.Revision+ifDefault(p.Name, profile.Default), p.Copied)
	}
	w.Flush()
	fmt.Fprintln(w, "\nAPPLICATION\tWHAT IT IS\tCOPIED FROM")
	for _, d := range dialects.All() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", d.Name, d.What+ifDefault(d.Name, dialects.Default), d.Copied)
	}
	w.Flush()
	if c.Facts {
		fmt.Fprintln(w, "\nSINCE\tWHAT CHANGED\tFACT\tSOURCE")
		for _, f := range profile.Changes() {
			since := f.Since.String()
			if f.NTN {
				since = "ntn"
			}
			fact, _ := facts.Lookup(f.Fact)
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", since, f.What, f.Fact, fact.Provenance())
		}
	}
	return w.Flush()
}

func ifDefault(name, what string) string {
	if name == what {
		return " (default)"
	}
	return ""
}

// profilesJSON is the output of --json.
type profilesJSON struct {
	Profiles []profileJSON `json:"profiles"`
	Apps     []appJSON     `json:"applications"`
}

type profileJSON struct {
	Name     string `json:"name"`
	Chip     string `json:"chip"`
	Firmware string `json:"firmware"`
	Copied   string `json:"copied"`
	Default  bool   `json:"default,omitempty"`
}

type appJSON struct {
	Name    string `json:"name"`
	What    string `json:"what"`
	Copied  string `json:"copied"`
	Default bool   `json:"default,omitempty"`
}

func (c *profilesCmd) json(std stdio) error {
	var all profilesJSON
	for _, p := range profile.All() {
		all.Profiles = append(all.Profiles, profileJSON{p.Name, p.Chip.Name, p.Revision, p.Copied, p.Name == profile.Default})
	}
	for _, d := range dialects.All() {
		all.Apps = append(all.Apps, appJSON{d.Name, d.What, d.Copied, d.Name == dialects.Default})
	}
	enc := json.NewEncoder(std.out)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}
