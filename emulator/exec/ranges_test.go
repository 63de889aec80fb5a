package exec

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRanges(t *testing.T) {
	require.Equal(t, "flash step 3", ranges([]int{3}))
	require.Equal(t, "flash steps 3 to 5", ranges([]int{3, 4, 5}))
	require.Equal(t, "flash steps 1, 3 to 5 and 9", ranges([]int{1, 3, 4, 5, 9}))
}

func TestMedian(t *testing.T) {
	require.Zero(t, median(nil))
	require.EqualValues(t, 3, median([]time.Duration{9, 1, 3}))
	require.EqualValues(t, 3, median([]time.Duration{9, 1, 3, 4}))
	c := Cuts{Steps: []int{1, 2}, Runs: 2, Median: 9345678}
	require.Equal(t, "Power cuts: 2 made, during flash steps 1 to 2; after 2 of them all was well. Half of them took no longer than 9.35ms each.", c.String())
}
