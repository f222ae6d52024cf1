package store_test

import (
	"sync"
	"testing"
)

// inParallel runs fn(0) to fn(n-1) at once and waits for all.
func inParallel(t *testing.T, n int, fn func(i int)) {
	t.Helper()
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	all.Wait()
}
