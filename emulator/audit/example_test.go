package audit_test

import (
	"fmt"
	"os"
	"strings"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// An audit listens to the event log of a device, in this example to two boots of
// a host that writes without asking.
func ExampleAudit() {
	var log event.Log
	a := audit.New(audit.Options{})
	defer log.Subscribe(a.Add)()

	tag, typ := uint32(24), event.CredentialType(4)
	stored := ""
	for boot := 1; boot <= 2; boot++ {
		log.SetBoot(boot)
		log.Add(event.Event{Power: &event.Power{Action: "on"}})
		log.Add(event.Event{Command: &event.Command{ID: 1, Text: `AT%CMNG=0,24,4,"device"`, Name: "%CMNG", Form: "set"}})
		content := event.Describe([]byte("device"), false)
		log.Add(event.Event{Credential: &event.Credential{ID: 1, Op: "write", SecTag: &tag, Type: &typ,
			Before: stored, After: content.SHA256, Held: []int{4}, Content: content, Cost: event.Cost{Programmed: 40}}})
		log.Add(event.Event{Response: &event.Response{ID: 1, Result: "OK"}})
		stored = content.SHA256
	}

	report := a.Report()
	for _, f := range report.Findings {
		fmt.Println(f.Level, f.Rule, f.Credential())
	}
	fmt.Println("sound:", report.Sound)
	// Output:
	// error P04 sec_tag 24, type 4 (PSK identity)
	// error P22 sec_tag 24, type 4 (PSK identity)
	// sound: false
}

func ExampleLoadConfig() {
	opt, err := audit.LoadConfig(strings.NewReader(`
rules:
  P16: off
budgets:
  writes_per_boot: 2
`))
	fmt.Println(opt.Levels["P16"], *opt.Budgets.WritesPerBoot, err)

	_, err = audit.LoadConfig(strings.NewReader("rules: {P16: quiet}"))
	fmt.Println(err)
	// Output:
	// off 2 <nil>
	// the rules file cannot be used: line 1: rule P16: there is no level "quiet": use off, info, warning or error
}

func ExampleReport_WriteText() {
	a := audit.New(audit.Options{})
	a.Add(&event.Event{Boot: 1, Power: &event.Power{Action: "on"}})
	a.Add(&event.Event{Boot: 1, Command: &event.Command{ID: 1, Text: "AT%CMNG=1", Name: "%CMNG", Form: "set"}})
	a.Add(&event.Event{Boot: 1, Credential: &event.Credential{ID: 1, Op: "list"}})
	a.Add(&event.Event{Boot: 1, Response: &event.Response{ID: 1, Result: "OK"}})
	if err := a.Report().WriteText(os.Stdout, audit.TextOptions{}); err != nil {
		fmt.Println(err)
	}
	// Output: sound: 1 boot, 0 writes, 0 bytes programmed, 0 page erases
}
