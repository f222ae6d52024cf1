package kv

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"
)

// The limit is a token bucket written as GCRA: one number per key, the time at which the bucket is full again. It needs no
// window to roll over and no clean-up to be right, and a key whose time has passed may be forgotten without anybody noticing.
// Times are whole microseconds, which a Redis script (IEEE doubles) still holds exactly.

// rate is a Limit in microseconds.
type rate struct {
	step   int64 // one use refills in this time
	window int64 // all uses refill in this time
}

func (l Limit) rate() (rate, error) {
	if l.Count < 1 || l.Per.Microseconds() < int64(l.Count) {
		return rate{}, fmt.Errorf("kv: allow: limit of %d per %v is not possible", l.Count, l.Per)
	}
	step := l.Per.Microseconds() / int64(l.Count)
	return rate{step: step, window: step * int64(l.Count)}, nil
}

// halved is what one instance permits by itself while it cannot see the others.
func (l Limit) halved() Limit {
	return Limit{Count: max(1, l.Count/2), Per: l.Per}
}

// verdict reads the debt after a use: the time until the bucket would be full again. More than the window is a refusal.
func (r rate) verdict(limit Limit, debt int64) Verdict {
	if debt > r.window {
		return Verdict{Limit: limit.Count, RetryAfter: time.Duration(debt-r.window) * time.Microsecond}
	}
	return Verdict{Allowed: true, Limit: limit.Count, Remaining: int((r.window - debt) / r.step)}
}

// slot is a key's place. Hashing bounds its size and keeps addresses of people out of a shared Redis in the clear.
type slot [16]byte

func slotOf(key string) slot {
	sum := sha256.Sum256([]byte(key))
	return slot(sum[:16])
}

// A limiter never holds more than maxKeys keys (about 16 MB), whoever makes them up.
const (
	minKeys = 1 << 10
	maxKeys = 1 << 18
)

// limiter counts uses in this process.
type limiter struct {
	mu      sync.Mutex
	full    map[slot]int64 // when the bucket is full again, microseconds since 1970
	pruneAt int            // size at which the next use looks for keys to forget
}

func newLimiter() *limiter {
	return &limiter{full: make(map[slot]int64), pruneAt: minKeys}
}

func (l *limiter) allow(key string, limit Limit, now time.Time) (Verdict, error) {
	r, err := limit.rate()
	if err != nil {
		return Verdict{}, err
	}
	return r.verdict(limit, l.take(slotOf(key), r, now.UnixMicro())), nil
}

// take is the same arithmetic as takeScript in redis.go.
func (l *limiter) take(s slot, r rate, now int64) (debt int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := max(l.full[s], now) + r.step
	debt = full - now
	if debt > r.window {
		return debt
	}
	l.prune(now)
	l.full[s] = full
	return debt
}

// prune forgets the keys that are full again and, if that is not enough, those nearest to it: under a flood of invented keys the
// hard-pressed ones, which the limit is for, are kept longest. Each sweep pays for itself with the keys added since the last.
func (l *limiter) prune(now int64) {
	if len(l.full) < l.pruneAt {
		return
	}
	l.forget(now)
	for ahead := time.Second.Microseconds(); len(l.full) > maxKeys*3/4; ahead *= 2 {
		l.forget(now + ahead)
	}
	l.pruneAt = min(maxKeys, max(minKeys, 2*len(l.full)))
}

func (l *limiter) forget(before int64) {
	for s, full := range l.full {
		if full <= before {
			delete(l.full, s)
		}
	}
}
