package kv

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clock is a time that moves only when told to.
type clock struct{ micros atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.micros.Store(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).UnixMicro())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.micros.Add(d.Microseconds()) }

// rig is one engine under test. Names are made unique, because a Redis may be shared with other tests.
type rig struct {
	Store
	clock  *clock
	prefix string
	again  func(t *testing.T) Store // a second instance; for memory the same one
}

func (r *rig) name(s string) string { return r.prefix + s }

func (r *rig) allow(t *testing.T, key string, limit Limit) Verdict {
	t.Helper()
	v, err := r.Allow(t.Context(), r.name(key), limit)
	if err != nil {
		t.Fatalf("allow: %v", err)
	}
	return v
}

var sayNotRun = sync.OnceFunc(func() { fmt.Println("not run: redis (TEST_REDIS_URL is not set)") })

func redisURL(t *testing.T) string {
	t.Helper()
	url := os.Getenv("TEST_REDIS_URL")
	if url == "" && os.Getenv("CI") == "true" {
		t.Fatal("TEST_REDIS_URL is not set; CI runs both engines")
	}
	if url == "" {
		sayNotRun()
		t.Skip("TEST_REDIS_URL is not set")
	}
	return url
}

func open(t *testing.T, url string, c *clock) Store {
	t.Helper()
	s, err := Open(t.Context(), url, c.now)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// TestConformance holds every engine to the same behaviour.
func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		conform(t, func(t *testing.T) *rig {
			c := newClock()
			s := open(t, "memory:", c)
			return &rig{Store: s, clock: c, prefix: rand.Text(), again: func(*testing.T) Store { return s }}
		})
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		url := redisURL(t)
		conform(t, func(t *testing.T) *rig {
			c := newClock()
			s := open(t, url, c)
			if err := s.Ping(t.Context()); err != nil {
				t.Fatalf("redis is not there: %v", err)
			}
			return &rig{Store: s, clock: c, prefix: rand.Text(), again: func(t *testing.T) Store { return open(t, url, c) }}
		})
	})
}

func conform(t *testing.T, start func(*testing.T) *rig) {
	behaviours := []struct {
		name  string
		check func(*testing.T, *rig)
	}{
		{"a burst never exceeds the count", burst},
		{"remaining counts down and a refusal costs nothing", countdown},
		{"keys are independent", independentKeys},
		{"uses come back one by one", refill},
		{"retry-after is exact to the microsecond", retryAfter},
		{"counts that do not divide the period", unevenCount},
		{"a smaller limit on the same key is obeyed", changedLimit},
		{"a clock that steps back gives nothing away", clockBack},
		{"impossible limits are errors", impossibleLimits},
		{"a caller who hangs up is counted", hangUp},
		{"long and odd keys", oddKeys},
		{"two instances share a count", sharedCount},
		{"a payload reaches every subscriber", delivery},
		{"only the named channel", ownChannel},
		{"the end of the context closes the channel", contextEnd},
		{"a subscriber who does not read stops nobody", slowReader},
		{"publish without subscribers", nobodyThere},
		{"payloads are not shared memory", copies},
		{"close", closing},
	}
	for _, b := range behaviours {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			b.check(t, start(t))
		})
	}
}

func burst(t *testing.T, r *rig) {
	other := r.again(t)
	var passed atomic.Int64
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for i := range 64 {
		s := r.Store
		if i%2 == 1 {
			s = other
		}
		wg.Go(func() {
			<-gate
			for range 4 {
				v, err := s.Allow(context.Background(), r.name("burst"), Limit{Count: 50, Per: time.Hour})
				if err != nil {
					t.Error(err)
				}
				if v.Limit != 50 {
					t.Errorf("limit %d: the shared engine did not answer", v.Limit)
				}
				if v.Allowed {
					passed.Add(1)
				}
			}
		})
	}
	close(gate)
	wg.Wait()
	if passed.Load() != 50 {
		t.Errorf("%d of 256 uses passed a limit of 50", passed.Load())
	}
}

func countdown(t *testing.T, r *rig) {
	limit := Limit{Count: 3, Per: time.Hour}
	for want := 2; want >= 0; want-- {
		if v := r.allow(t, "k", limit); v != (Verdict{Allowed: true, Limit: 3, Remaining: want}) {
			t.Fatalf("got %+v, want allowed with %d left", v, want)
		}
	}
	for range 5 { // refusals must not push the time further away
		if v := r.allow(t, "k", limit); v != (Verdict{Limit: 3, RetryAfter: 20 * time.Minute}) {
			t.Fatalf("got %+v, want refused for 20 minutes", v)
		}
	}
}

func independentKeys(t *testing.T, r *rig) {
	limit := Limit{Count: 1, Per: time.Hour}
	for _, key := range []string{"a", "b", "A", "a ", ""} {
		if !r.allow(t, key, limit).Allowed {
			t.Errorf("the first use of %q was refused", key)
		}
		if r.allow(t, key, limit).Allowed {
			t.Errorf("the second use of %q was allowed", key)
		}
	}
}

func refill(t *testing.T, r *rig) {
	limit := Limit{Count: 4, Per: 4 * time.Minute}
	for range 4 {
		r.allow(t, "k", limit)
	}
	for range 3 {
		r.clock.advance(time.Minute)
		if !r.allow(t, "k", limit).Allowed || r.allow(t, "k", limit).Allowed {
			t.Fatal("a minute must bring back exactly one use")
		}
	}
	r.clock.advance(24 * time.Hour)
	if v := r.allow(t, "k", limit); v.Remaining != 3 {
		t.Errorf("after a long rest %d are left, want 3: unused time must not add up", v.Remaining)
	}
}

func retryAfter(t *testing.T, r *rig) {
	limit := Limit{Count: 5, Per: time.Minute}
	for range 5 {
		r.allow(t, "k", limit)
	}
	r.clock.advance(1234567 * time.Microsecond)
	wait := r.allow(t, "k", limit).RetryAfter
	if want := 12*time.Second - 1234567*time.Microsecond; wait != want {
		t.Fatalf("retry after %v, want %v", wait, want)
	}
	r.clock.advance(wait - time.Microsecond)
	if v := r.allow(t, "k", limit); v.Allowed || v.RetryAfter != time.Microsecond {
		t.Fatalf("one microsecond early: %+v", v)
	}
	r.clock.advance(time.Microsecond)
	if v := r.allow(t, "k", limit); !v.Allowed || v.RetryAfter != 0 {
		t.Fatalf("on time: %+v", v)
	}
}

func unevenCount(t *testing.T, r *rig) {
	for _, count := range []int{1, 7, 13, 97, 1000} {
		limit := Limit{Count: count, Per: time.Hour}
		key := fmt.Sprint("k", count)
		for i := range count {
			if !r.allow(t, key, limit).Allowed {
				t.Fatalf("use %d of %d was refused", i+1, count)
			}
		}
		if r.allow(t, key, limit).Allowed {
			t.Fatalf("use %d of %d was allowed", count+1, count)
		}
	}
}

func changedLimit(t *testing.T, r *rig) {
	for range 10 {
		r.allow(t, "k", Limit{Count: 10, Per: time.Hour})
	}
	if r.allow(t, "k", Limit{Count: 2, Per: time.Minute}).Allowed {
		t.Error("a smaller limit forgot what was used")
	}
}

func clockBack(t *testing.T, r *rig) {
	limit := Limit{Count: 2, Per: time.Hour}
	r.allow(t, "k", limit)
	r.allow(t, "k", limit)
	r.clock.advance(-10 * time.Minute)
	if v := r.allow(t, "k", limit); v.Allowed || v.RetryAfter != 40*time.Minute {
		t.Errorf("got %+v, want refused for 40 minutes", v)
	}
}

func impossibleLimits(t *testing.T, r *rig) {
	for _, limit := range []Limit{{}, {Count: 0, Per: time.Hour}, {Count: -1, Per: time.Hour}, {Count: 5},
		{Count: 5, Per: -time.Second}, {Count: 5, Per: 4 * time.Microsecond}} {
		if v, err := r.Allow(t.Context(), r.name("k"), limit); err == nil || v.Allowed {
			t.Errorf("%+v: got %+v without an error", limit, v)
		}
	}
}

func hangUp(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	limit := Limit{Count: 2, Per: time.Hour}
	for range 2 {
		if v, err := r.Allow(ctx, r.name("k"), limit); err != nil || !v.Allowed {
			t.Fatalf("got %+v, %v", v, err)
		}
	}
	if v := r.allow(t, "k", limit); v.Allowed || v.Limit != 2 {
		t.Errorf("uses of callers who left were not counted: %+v", v)
	}
}

func oddKeys(t *testing.T, r *rig) {
	limit := Limit{Count: 1, Per: time.Hour}
	for _, key := range []string{"שלום", "a\x00b", "a\nb", "{x}", string(make([]byte, 1<<20))} {
		if !r.allow(t, key, limit).Allowed || r.allow(t, key, limit).Allowed {
			t.Errorf("a key of %d bytes is not counted right", len(key))
		}
	}
}

func sharedCount(t *testing.T, r *rig) {
	other := r.again(t)
	limit := Limit{Count: 2, Per: time.Hour}
	r.allow(t, "k", limit)
	v, err := other.Allow(t.Context(), r.name("k"), limit)
	if err != nil || !v.Allowed || v.Remaining != 0 {
		t.Fatalf("the second instance got %+v, %v", v, err)
	}
	if r.allow(t, "k", limit).Allowed {
		t.Error("the first instance does not see the use of the second")
	}
}
