package kv

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// model is the token bucket as a textbook has it: a level in units of 1/step that rises by one each microsecond.
type model struct {
	r     rate
	level int64
	at    int64
}

func (m *model) use(now int64) bool {
	m.level = min(m.r.window, m.level+now-m.at)
	m.at = now
	if m.level < m.r.step {
		return false
	}
	m.level -= m.r.step
	return true
}

func drawLimit(t *rapid.T) Limit {
	count := rapid.IntRange(1, 20).Draw(t, "count")
	per := rapid.Int64Range(int64(count), 1e7).Draw(t, "per")
	return Limit{Count: count, Per: time.Duration(per) * time.Microsecond}
}

func TestLimiterMatchesTextbook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit, c, l := drawLimit(t), newClock(), newLimiter()
		r, _ := limit.rate()
		m := &model{r: r, level: r.window, at: c.micros.Load()}
		for range rapid.IntRange(1, 100).Draw(t, "uses") {
			c.advance(time.Duration(rapid.Int64Range(0, 2*r.step).Draw(t, "wait")) * time.Microsecond)
			got, err := l.allow("k", limit, c.now())
			want := m.use(c.micros.Load())
			if err != nil || got.Allowed != want || got.Allowed && int64(got.Remaining) != m.level/r.step ||
				!got.Allowed && got.RetryAfter.Microseconds() != r.step-m.level {
				t.Fatalf("got %+v, %v; the model says %v at level %d of %d", got, err, want, m.level, r.window)
			}
		}
	})
}

// TestScriptMatchesLimiter walks both engines through the same history. Steps are long, because Redis expires keys by its own clock.
func TestScriptMatchesLimiter(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, redisURL(t), c)
	rapid.Check(t, func(t *rapid.T) {
		key := rand.Text()
		limit := Limit{Count: rapid.IntRange(1, 20).Draw(t, "count"), Per: 24 * time.Hour}
		l := newLimiter()
		for range rapid.IntRange(1, 30).Draw(t, "uses") {
			c.advance(time.Duration(rapid.Int64Range(-1e9, 1e10).Draw(t, "wait")) * time.Microsecond)
			got, err := s.Allow(context.Background(), key, limit)
			want, _ := l.allow(key, limit, c.now())
			if err != nil || got != want {
				t.Fatalf("redis says %+v, %v; memory says %+v", got, err, want)
			}
		}
	})
}

func flood(l *limiter, r rate, now int64, from, to int) {
	for i := from; i < to; i++ {
		var s slot
		binary.BigEndian.PutUint64(s[:], uint64(i)+1)
		l.take(s, r, now)
	}
}

func TestLimiterForgetsIdleKeys(t *testing.T) {
	t.Parallel()
	c, l := newClock(), newLimiter()
	r, _ := Limit{Count: 10, Per: time.Second}.rate()
	for round := range 50 {
		flood(l, r, c.micros.Load(), round*1000, (round+1)*1000)
		c.advance(time.Minute)
	}
	if len(l.full) > 2*minKeys {
		t.Errorf("%d keys are kept, of which at most 1000 can matter", len(l.full))
	}
}

func TestLimiterIsBoundedAndKeepsTheHardPressed(t *testing.T) {
	t.Parallel()
	c, l := newClock(), newLimiter()
	limit := Limit{Count: 5, Per: time.Hour}
	r, _ := limit.rate()
	for range 5 {
		if _, err := l.allow("attacked", limit, c.now()); err != nil {
			t.Fatal(err)
		}
	}
	flood(l, r, c.micros.Load(), 0, 2*maxKeys)
	if len(l.full) > maxKeys {
		t.Errorf("%d keys are kept, the bound is %d", len(l.full), maxKeys)
	}
	if v, _ := l.allow("attacked", limit, c.now()); v.Allowed {
		t.Error("a flood of other keys made the limiter forget the one under attack")
	}
}

func BenchmarkAllowMemory(b *testing.B) {
	c := newClock()
	s := newMemory(c.now)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = s.Allow(context.Background(), "10.0.0.1", Limit{Count: 100, Per: time.Minute})
		}
	})
}
