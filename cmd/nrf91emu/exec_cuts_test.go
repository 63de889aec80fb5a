package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReplay(t *testing.T) {
	seed := uint64(7)
	for _, test := range []struct {
		args    []string
		command int // words at the end
		faults  bool
		want    string
	}{
		{[]string{"exec", "--power-cut", "all", "--", "prog", "--jobs", "3"}, 3, false, "nrf91emu exec --power-cut=5 -- prog --jobs 3"},
		{[]string{"exec", "--power-cut=all", "--jobs=2", "--boots", "3", "prog"}, 1, false, "nrf91emu exec --power-cut=5 --boots 3 prog"},
		{[]string{"exec", "--junit", "r.xml", "--json=r.json", "--trace", "t", "--power-cut", "all", "--", "sh", "-c", "it's $X"}, 3, false,
			`nrf91emu exec --power-cut=5 -- sh -c 'it'\''s $X'`},
		{[]string{"exec", "--fault", "store-full", "--power-cut", "all", "--", "prog"}, 1, true, "nrf91emu exec --power-cut=5 --fault store-full --seed=7 -- prog"},
		{[]string{"exec", "--fault", "store-full", "--power-cut", "all", "prog"}, 1, true, "nrf91emu exec --power-cut=5 --fault store-full --seed=7 prog"},
		{[]string{"exec", "--seed", "7", "--fault", "store-full", "--power-cut", "all", "--", "prog"}, 1, true,
			"nrf91emu exec --power-cut=5 --seed 7 --fault store-full -- prog"},
		{[]string{"exec", "--device", "faulty.yaml", "--power-cut", "all", "--", "prog"}, 1, true, "nrf91emu exec --power-cut=5 --device faulty.yaml --seed=7 -- prog"},
	} {
		c := &execCmd{Command: test.args[len(test.args)-test.command:]}
		if test.faults {
			c.Seed = &seed // by the flag, or for the faults of flags and of a device file
		}
		require.Equal(t, test.want, c.replay(test.args, 5))
	}
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := &progress{to: &out}
		for done := 1; done <= 5; done++ {
			p.tell(done, 5, done/3)
			time.Sleep(2 * time.Second)
		}
		require.Equal(t, "\rpower cuts: 2 of 5 made, some 6s left\x1b[K"+
			"\rpower cuts: 3 of 5 made, 1 did harm, some 4s left\x1b[K"+
			"\rpower cuts: 4 of 5 made, 1 did harm, some 2s left\x1b[K"+"\r\x1b[K", out.String())
	})
}
