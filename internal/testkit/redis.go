package testkit

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"sync"
	"testing"

	"pazpaz/internal/kv"
)

var sayRedisOnce sync.Once

// openKV opens the shared state: in memory beside SQLite, in Redis beside
// PostgreSQL. In Redis every test has keys of its own, so nothing is flushed.
func openKV(t *testing.T, engine string, c *Clock) kv.Store {
	t.Helper()
	address := "memory:"
	if engine == "postgres" {
		address = redisURL(t)
	}
	s, err := kv.Open(t.Context(), address, c.Now)
	if err != nil {
		t.Fatalf("open shared state: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return ownKeys{s, hex.EncodeToString(RandomBytes(t, 8)) + ":"}
}

func redisURL(t *testing.T) string {
	t.Helper()
	if u := os.Getenv("TEST_REDIS_URL"); u != "" {
		return u
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("TEST_REDIS_URL is not set: in CI every engine must be tested")
	}
	sayRedisOnce.Do(func() { fmt.Fprintln(os.Stderr, "not run: redis (TEST_REDIS_URL is not set; make test starts one)") })
	return "memory:"
}

// ownKeys puts a test's name before its keys and channels.
type ownKeys struct {
	kv.Store

	prefix string
}

// Allow implements kv.Store.
func (o ownKeys) Allow(ctx context.Context, key string, l kv.Limit) (kv.Verdict, error) {
	return o.Store.Allow(ctx, o.prefix+key, l)
}

// Publish implements kv.Store.
func (o ownKeys) Publish(ctx context.Context, channel string, payload []byte) error {
	return o.Store.Publish(ctx, o.prefix+channel, payload)
}

// Subscribe implements kv.Store.
func (o ownKeys) Subscribe(ctx context.Context, channel string) (<-chan []byte, error) {
	return o.Store.Subscribe(ctx, o.prefix+channel)
}
