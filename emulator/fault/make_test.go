package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each kind has a constructor, and what it makes is what a person would write.
func TestConstructors(t *testing.T) {
	made := map[string]bool{}
	for _, tt := range []struct {
		spec Spec
		want string
	}{
		{LostByte(ToDevice), "lost:to=device"},
		{DoubledByte(ToHost), "doubled:to=host"},
		{Split(ToHost, 50*time.Millisecond), "split:delay=50ms,to=host"},
		{LateLine(ToHost, time.Second), "late:delay=1s,to=host"},
		{LateOK(2 * time.Second).At(Rule{After: 3}), "late-ok:after=3,delay=2s"},
		{LateOK(0).At(Rule{Every: 2, Count: 5, Row: 1, Chance: 0.25}), "late-ok:count=5,delay=0s,every=2,p=0.25,row=1"},
		{URC("+CEREG: 5,\"A\"", BeforeResult), ""}, // a quotation mark is refused
		{URC("%CESQ: 1,2", AfterHeader), `urc:place=header,text="%CESQ: 1,2"`},
		{LateURC(), "urc-late"},
		{DoubledURC().At(Rule{Count: 2}), "urc-twice:count=2"},
		{BootNoise(40), "boot-noise:bytes=40"},
		{Crash(5 * time.Second), "crash:restart=5s"},
		{PowerWarning(2800, time.Minute), "power-warning:for=1m0s,mv=2800"},
		{NetworkLoss(0), "network-loss:for=0s"},
		{StoreFull(time.Second), "store-full:for=1s"},
		{WornPages(3), "worn-page:pages=3"},
		{ResetLoop(), "reset-loop"},
	} {
		made[tt.spec.Name] = true
		_, _, err := tt.spec.resolve()
		if tt.want == "" {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.want, tt.spec.String())
		require.Equal(t, tt.spec, MustParse(tt.want))
	}
	require.Len(t, made, len(Kinds), "each kind has a constructor")

	once := LateOK(time.Second)
	require.NotEqual(t, once, once.At(Rule{After: 1}), "At leaves the receiver as it is")
	require.Equal(t, "late-ok:delay=1s", once.String())
	require.Panics(t, func() { MustParse("nonsense") })
}
