package kv

import (
	"context"
	"fmt"
	"time"
)

// memory is the engine of a single process.
type memory struct {
	limits *limiter
	hub    *hub
	now    func() time.Time
}

func newMemory(now func() time.Time) *memory {
	return &memory{limits: newLimiter(), hub: newHub(), now: now}
}

func (m *memory) Allow(_ context.Context, key string, limit Limit) (Verdict, error) {
	return m.limits.allow(key, limit, m.now())
}

func (m *memory) Publish(ctx context.Context, channel string, payload []byte) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("kv: publish: %w", err)
	}
	if err := m.hub.send(channel, payload); err != nil {
		return fmt.Errorf("kv: publish: %w", err)
	}
	return nil
}

func (m *memory) Subscribe(ctx context.Context, channel string) (<-chan []byte, error) {
	c, err := m.hub.join(ctx, channel)
	if err != nil {
		return nil, fmt.Errorf("kv: subscribe: %w", err)
	}
	return c, nil
}

func (m *memory) Ping(context.Context) error {
	if m.hub.closed() {
		return fmt.Errorf("kv: ping: %w", ErrClosed)
	}
	return nil
}

func (m *memory) Close() error {
	m.hub.close()
	return nil
}
