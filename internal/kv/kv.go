// Package kv holds what several instances share for a short while: how often a key was used (rate limits) and hints for
// whoever is listening right now (live updates). Everything in it may vanish at any moment, so it must not hold sessions,
// revocations, queues or health data, and nothing may decide here who is signed in.
package kv

import (
	"context"
	"errors"
	"strings"
	"time"
)

// ErrClosed is returned by Publish, Subscribe and Ping after Close.
var ErrClosed = errors.New("store is closed")

// Store is the shared short-lived state. All methods may be called from many goroutines.
type Store interface {
	// Allow takes one use of key and says whether limit permits it. A refused use costs nothing. The only error is a limit
	// that makes no sense; a failing engine answers with a stricter local count instead. The end of ctx does not stop the
	// count, otherwise a caller could hang up to stay uncounted.
	Allow(ctx context.Context, key string, limit Limit) (Verdict, error)

	// Publish hands payload to those who are subscribed to channel at this moment, on every instance.
	// Delivery is at most once: a payload is a hint to look again, never the news itself.
	Publish(ctx context.Context, channel string, payload []byte) error

	// Subscribe returns the payloads published to channel from now on. The returned channel is closed when ctx ends, the
	// store is closed, or payloads of others may have been missed: subscribe again then, and look at everything. A reader that falls 64 payloads behind misses the ones that follow until it catches up.
	Subscribe(ctx context.Context, channel string) (<-chan []byte, error)

	// Ping reports whether the engine answers.
	Ping(ctx context.Context) error

	// Close ends all subscriptions. Calling it again does nothing.
	Close() error
}

// Limit permits Count uses at once, refilled evenly over Per.
type Limit struct {
	Count int           // uses, at least 1
	Per   time.Duration // at least one microsecond for each use
}

// Verdict is the answer to one use.
type Verdict struct {
	Allowed    bool
	Limit      int           // uses permitted at once; smaller than asked for while the shared engine is away
	Remaining  int           // uses left at this moment
	RetryAfter time.Duration // how long until the next use is permitted; 0 when Allowed
}

// Open returns the engine that url names: "memory:" (this process only), or "redis://" or "rediss://" (shared; see redis.go).
// A Redis that is away is no error, one that refuses the password, the database number or TLS is. Errors never contain url.
func Open(ctx context.Context, url string, now func() time.Time) (Store, error) {
	switch scheme, _, _ := strings.Cut(url, "//"); {
	case url == "memory:":
		return newMemory(now), nil
	case scheme == "redis:", scheme == "rediss:":
		return openRedis(ctx, url, now)
	}
	return nil, errors.New("kv: open: the URL must be memory: or start with redis:// or rediss://")
}
