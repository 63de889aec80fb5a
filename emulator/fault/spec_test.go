package fault_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/fault"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]fault.Spec{
		"crash":                                      {Name: "crash"},
		"late-ok:after=3,delay=2s,count=1":           {Name: "late-ok", Params: map[string]string{"after": "3", "delay": "2s", "count": "1"}},
		`urc:text="+CEREG: 5,\x",p=0.5`:              {Name: "urc", Params: map[string]string{"text": `+CEREG: 5,\x`, "p": "0.5"}},
		"urc:text=+COPS: a=b:c,place=header":         {Name: "urc", Params: map[string]string{"text": "+COPS: a=b:c", "place": "header"}},
		"crash:reason=0x11":                          {Name: "crash", Params: map[string]string{"reason": "0x11"}},
		"split:to=device,every=100,row=1,count=9999": {Name: "split", Params: map[string]string{"to": "device", "every": "100", "row": "1", "count": "9999"}},
	} {
		got, err := fault.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
		again, err := fault.Parse(got.String())
		require.NoError(t, err, got.String())
		require.Equal(t, want, again)
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                         `there is no fault ""; choose one of lost, doubled,`,
		"late":                     "",
		"late:":                    "is no parameter: write NAME:PARAMETER=VALUE",
		"late,delay=1s":            "there is no fault",
		"late:delay":               "is no parameter",
		"late:delay=":              "it takes a time from 0s to 1m0s, such as 500ms",
		"late:delay=-1s":           "it takes a time",
		"late:delay=61s":           "it takes a time",
		"late:delay=1s,delay=2s":   "delay is given twice",
		"late:dealy=1s":            `late has no parameter "dealy"; it takes to, delay, after, every, p, count, row`,
		"late:to=both":             "choose one of host, device",
		"late:p=0":                 "above 0 and up to 1",
		"late:p=NaN":               "above 0 and up to 1",
		"late:p=1.1":               "above 0 and up to 1",
		"late:count=0":             "from 1 to 10000",
		"late:count=1e9":           "from 1 to 10000",
		"late:row=0":               "from 1 to 1000",
		"late:every=0":             "from 1 to",
		"late:after=-1":            "from 0 to",
		`urc:text="abc`:            "the quotation mark of text is not closed",
		`urc:text="abc"d`:          "the quotation mark of text is not closed",
		`urc:text=ab"c`:            "a quotation mark cannot be part of it",
		"urc:text=a\rb":            "printable ASCII",
		"crash:restart=forever":    "it takes a time",
		strings.Repeat("x", 1001):  "1001 characters",
		"worn-page:pages=0":        "from 1 to 4096",
		"boot-noise:bytes=1000000": "from 1 to 1000",
	} {
		_, err := fault.Parse(text)
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, want, text)
	}
}

// What can be parsed can be printed and parsed again, and added.
func FuzzParse(f *testing.F) {
	for _, k := range fault.Kinds {
		f.Add(k.Name)
		for _, p := range k.Params {
			f.Add(k.Name + ":" + p.Name + "=" + p.Default + ",p=0.25,every=3")
		}
	}
	f.Add(`urc:text="a,b",count=3`)
	f.Add("lost:=,=")
	set := fault.NewSet(newDevice(f), 1)
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := fault.Parse(text)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		again, err := fault.Parse(spec.String())
		require.NoError(t, err, spec.String())
		require.Equal(t, spec.String(), again.String())
		id, err := set.Add(spec)
		require.NoError(t, err)
		require.NoError(t, set.Remove(id))
	})
}

// The registry is fit to be printed: names are unique, all has a help and a default
// that it takes itself.
func TestKinds(t *testing.T) {
	names := make(map[string]bool)
	for _, k := range fault.Kinds {
		require.False(t, names[k.Name], k.Name)
		names[k.Name] = true
		require.Regexp(t, `^[A-Z].*\.$`, k.Help)
		require.NotEmpty(t, k.On)
		params := make(map[string]bool)
		for _, p := range append(append([]fault.Param(nil), fault.RuleParams...), k.Params...) {
			require.False(t, params[p.Name], "%s: %s", k.Name, p.Name)
			params[p.Name] = true
			require.NotEmpty(t, p.Help)
			if p.Default != "" {
				spec := fault.Spec{Name: k.Name, Params: map[string]string{p.Name: p.Default}}
				_, err := fault.Parse(spec.String())
				require.NoError(t, err)
			}
		}
	}
}
