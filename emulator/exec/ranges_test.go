package exec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRanges(t *testing.T) {
	require.Equal(t, "flash step 3", ranges([]int{3}))
	require.Equal(t, "flash steps 3 to 5", ranges([]int{3, 4, 5}))
	require.Equal(t, "flash steps 1, 3 to 5 and 9", ranges([]int{1, 3, 4, 5, 9}))
}
