package kv

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	callTime = 250 * time.Millisecond // a caller waits no longer for Redis
	dialTime = 2 * time.Second        // a slow first handshake may finish for the benefit of later calls
	restTime = time.Second            // after a failure Redis is left alone, so that an outage does not cost every request callTime
	feedTime = 2 * time.Second        // when nothing came on the feed for so long, Redis is asked whether it is there

	keyPrefix = "pazpaz:limit:"
	// One Redis channel carries all names and each instance picks out what its readers want. The payloads are few and small,
	// and subscribing per name would need one connection, or one more thing to keep in step, for every open calendar.
	feedName = "pazpaz:live"
)

// What the client would write to the standard error with every failed dial, the callers say once a minute.
func init() { logging.Disable() } //nolint:gochecknoinits // the client has one logger for the process

var errAway = errors.New("redis did not answer a moment ago")

// takeScript is the same arithmetic as limiter.take. The time comes from the caller. A key lives exactly as long as it can refuse
// anything, so an instance whose clock runs ahead cannot shut the others out for longer than the limit's own window.
const takeScript = `
local now, step, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('get', KEYS[1]) or '0'), now) + step
local debt = full - now
if debt <= window then
  redis.call('set', KEYS[1], string.format('%.0f', full), 'px', math.ceil(debt / 1000))
end
return debt`

// shared is the engine on Redis.
type shared struct {
	client *redis.Client
	take   *redis.Script
	own    *limiter // counts while Redis is away
	hub    *hub     // readers in this process
	now    func() time.Time
	rest   atomic.Int64 // Redis is left alone until then, microseconds since 1970

	mu   sync.Mutex
	feed *redis.PubSub // opened by the first Subscribe
}

// openRedis checks the URL and, if Redis answers, that it accepts us.
func openRedis(ctx context.Context, url string, now func() time.Time) (*shared, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("kv: open: the Redis URL cannot be read; it looks like rediss://user:password@host:6379/0")
	}
	if o.TLSConfig != nil && o.TLSConfig.InsecureSkipVerify {
		return nil, errors.New("kv: open: skip_verify in the Redis URL is not allowed")
	}
	s := &shared{client: redis.NewClient(bounded(o)), take: redis.NewScript(takeScript), own: newLimiter(), hub: newHub(), now: now}
	if err := s.Ping(ctx); refused(err) {
		_ = s.Close()
		return nil, fmt.Errorf("kv: open: Redis refuses: %w", err)
	}
	return s, nil
}

// bounded sets what the URL must not: deadlines and retries.
func bounded(o *redis.Options) *redis.Options {
	o.ContextTimeoutEnabled = true
	o.DialTimeout, o.DialerRetries = dialTime, 1
	o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = callTime, callTime, callTime
	o.MaxRetries = 1
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o
}

// refused tells a wrong set-up, which only a person can mend, from an outage, which passes.
func refused(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer) && !redis.IsLoadingError(err) && !redis.IsMasterDownError(err) &&
		!redis.IsMaxClientsError(err) && !redis.IsTryAgainError(err) && !redis.IsClusterDownError(err)
}

func (s *shared) Allow(ctx context.Context, key string, limit Limit) (Verdict, error) {
	r, err := limit.rate()
	if err != nil {
		return Verdict{}, err
	}
	now := s.now()
	var debt int64
	err = s.call(context.WithoutCancel(ctx), now, func(ctx context.Context) error {
		debt, err = s.take.Run(ctx, s.client, []string{limitName(key)}, now.UnixMicro(), r.step, r.window).Int64()
		return err
	})
	if err != nil {
		return s.own.allow(key, limit.halved(), now)
	}
	return r.verdict(limit, debt), nil
}

func limitName(key string) string {
	s := slotOf(key)
	return keyPrefix + hex.EncodeToString(s[:])
}

// call asks Redis within callTime, and not at all for restTime after a failure. A caller who left is no failure of Redis.
func (s *shared) call(ctx context.Context, now time.Time, ask func(context.Context) error) error {
	if s.hub.closed() {
		return ErrClosed
	}
	if now.UnixMicro() < s.rest.Load() {
		return errAway
	}
	bounded, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	err := ask(bounded)
	if err != nil && ctx.Err() == nil {
		s.rest.Store(now.Add(restTime).UnixMicro())
	}
	return err
}

func (s *shared) Publish(ctx context.Context, channel string, payload []byte) error {
	err := s.call(ctx, s.now(), func(ctx context.Context) error {
		return s.client.Publish(ctx, feedName, envelope(channel, payload)).Err()
	})
	if err != nil {
		_ = s.hub.send(channel, payload) // the readers of this process can hear of it all the same
		return fmt.Errorf("kv: publish: %w", err)
	}
	return nil
}

// Subscribe works without Redis too: then the readers hear of what this process publishes.
func (s *shared) Subscribe(ctx context.Context, channel string) (<-chan []byte, error) {
	s.listen(ctx)
	c, err := s.hub.join(ctx, channel)
	if err != nil {
		return nil, fmt.Errorf("kv: subscribe: %w", err)
	}
	return c, nil
}

// listen opens the feed once.
func (s *shared) listen(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.feed != nil || s.hub.closed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime)
	defer cancel()
	s.feed = s.client.Subscribe(ctx, feedName)
	_, _ = s.feed.ReceiveTimeout(ctx, callTime) // the confirmation; without it the feed begins later
	go s.relay(context.WithoutCancel(ctx), s.feed)
}

// relay runs until the store is closed. The client connects a feed that was cut by itself. One that has only fallen silent it
// would keep for ever: it does not wait for the answers to its pings.
func (s *shared) relay(ctx context.Context, feed *redis.PubSub) {
	asked := false
	for !s.hub.closed() {
		m, err := receive(ctx, feed)
		switch {
		case err == nil:
			asked = false
			s.heard(m)
		case !timedOut(err):
			<-time.After(restTime / 10)
		case asked:
			feed, asked = s.renew(ctx, feed), false
		default:
			asked = ping(ctx, feed) == nil
		}
	}
}

func receive(ctx context.Context, feed *redis.PubSub) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime+feedTime)
	defer cancel()
	return feed.ReceiveTimeout(ctx, feedTime)
}

func ping(ctx context.Context, feed *redis.PubSub) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return feed.Ping(ctx)
}

func timedOut(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// renew puts a fresh feed in the place of a silent one.
func (s *shared) renew(ctx context.Context, old *redis.PubSub) *redis.PubSub {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hub.closed() {
		return old
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_ = old.Close()
	s.feed = s.client.Subscribe(ctx, feedName)
	return s.feed
}

// heard hands on what came over the feed. A feed that begins anew has missed what was published meanwhile, so the readers are
// sent away: they come again, and look at everything.
func (s *shared) heard(m any) {
	switch m := m.(type) {
	case *redis.Subscription:
		s.hub.restart()
	case *redis.Message:
		if channel, payload, ok := opened(m.Payload); ok {
			_ = s.hub.send(channel, payload)
		}
	}
}

// envelope puts the name before the payload.
func envelope(channel string, payload []byte) []byte {
	b := binary.AppendUvarint(make([]byte, 0, 2+len(channel)+len(payload)), uint64(len(channel)))
	return append(append(b, channel...), payload...)
}

func opened(message string) (channel string, payload []byte, ok bool) {
	b := []byte(message)
	size, n := binary.Uvarint(b)
	if n <= 0 {
		return "", nil, false
	}
	if b = b[n:]; size > uint64(len(b)) {
		return "", nil, false
	}
	return string(b[:size]), b[size:], true
}

func (s *shared) Ping(ctx context.Context) error {
	if s.hub.closed() {
		return fmt.Errorf("kv: ping: %w", ErrClosed)
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if err := s.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("kv: ping: %w", err)
	}
	return nil
}

func (s *shared) Close() error {
	if !s.hub.close() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.feed != nil {
		_ = s.feed.Close()
	}
	if err := s.client.Close(); err != nil {
		return fmt.Errorf("kv: close: %w", err)
	}
	return nil
}
