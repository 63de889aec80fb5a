package socket_test
import ("slices";"time")
func slicesSort(y []time.Duration){ slices.Sort(y) }
