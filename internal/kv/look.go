package kv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Look is what a shared engine tells of itself.
type Look struct {
	Version string    // of Redis
	At      time.Time // its clock
}

// LookAt asks the Redis that url names. Errors never contain url.
func LookAt(ctx context.Context, url string) (l Look, err error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return l, errors.New("kv: look: the Redis URL cannot be read; it looks like rediss://user:password@host:6379/0")
	}
	o = bounded(o)
	o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTime, dialTime, dialTime // nobody waits for this one
	c := redis.NewClient(o)
	defer func() { err = errors.Join(err, c.Close()) }()
	if l.At, err = c.Time(ctx).Result(); err != nil {
		return l, fmt.Errorf("kv: look: %w", err)
	}
	about, err := c.Info(ctx, "server").Result()
	if err != nil {
		return l, fmt.Errorf("kv: look: %w", err)
	}
	for line := range strings.Lines(about) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "redis_version:"); ok {
			l.Version = v
		}
	}
	return l, nil
}
