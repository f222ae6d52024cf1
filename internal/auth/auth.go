// Package auth decides who is asking: mailed links and codes, sign-in
// sessions and their cookies, CSRF, the first start's setup, and the client's
// address. What comes out of it is a store.Scope or a refusal. It must not
// know what the practice does with a scope.
package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"pazpaz/internal/kv"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// How long the proofs of a sign-in are good.
const (
	linkLife       = 10 * time.Minute
	preSessionLife = 15 * time.Minute
	printedLife    = 24 * time.Hour
)

// Options say how people sign in.
type Options struct {
	Store *store.Store
	KV    kv.Store
	// Secret signs tokens; at least 32 bytes. What OldSecret has signed is good
	// as well, for the time of a rotation; it may be missing.
	Secret, OldSecret []byte
	// PublicURL is the origin under which people reach the page.
	PublicURL string
	// Idle and Absolute end a session that is unused, or old.
	Idle, Absolute time.Duration
	Now            func() time.Time
	Random         io.Reader
}

// Service signs people in and out. It is safe for concurrent use.
type Service struct {
	o      Options
	tokens tokens
	csrf   csrfKey
	known  knownDevices
	keys   *passkeys
	seen   *lastSeen
	setup  *setupToken
	secure bool // cookies travel over HTTPS only
}

// New returns a Service.
func New(o Options) (*Service, error) {
	signing, err := derive(o, "pazpaz access token")
	if err != nil {
		return nil, err
	}
	csrf, err := derive(o, "pazpaz csrf")
	if err != nil {
		return nil, err
	}
	known, err := derive(o, "pazpaz known devices")
	if err != nil {
		return nil, err
	}
	return &Service{
		known: knownDevices(known), keys: newPasskeys(o.PublicURL),
		o: o, tokens: tokens{key: signing, now: o.Now}, csrf: csrfKey(csrf),
		seen: newLastSeen(), setup: &setupToken{}, secure: strings.HasPrefix(o.PublicURL, "https://"),
	}, nil
}

// newToken returns 256 random bits as text that is safe in a URL.
func (s *Service) newToken() (string, error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(s.o.Random, raw); err != nil {
		return "", fmt.Errorf("random token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// newID returns an id that sorts by time.
func (s *Service) newID() (uuid.UUID, error) {
	id, err := uuid.NewV7FromReader(s.o.Random)
	if err != nil {
		return id, fmt.Errorf("new id: %w", err)
	}
	return id, nil
}

// hashToken is how a random token is stored.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Strict limits of signing in. They hold over all instances when the shared
// state is Redis.
var (
	limitAddress = kv.Limit{Count: 30, Per: time.Hour}        // links asked for by one address
	limitEmail   = kv.Limit{Count: 5, Per: time.Hour}         // links mailed to one person: at strangers' asking, and at each known browser's
	limitProof   = kv.Limit{Count: 30, Per: 5 * time.Minute}  // links and codes tried by one address
	limitFactor  = kv.Limit{Count: 15, Per: 15 * time.Minute} // second factors tried for one person
	limitStepUp  = kv.Limit{Count: 5, Per: 15 * time.Minute}  // step-up codes mailed to one person
)

// RequestLimit returns the coarse bound on requests of one address, counted in
// counter; perMinute 0 means no bound.
func RequestLimit(counter kv.Store, perMinute int) func(context.Context, netip.Addr) error {
	if perMinute == 0 {
		return nil
	}
	return func(ctx context.Context, from netip.Addr) error {
		return limit(ctx, counter, "requests:"+Bucket(from), kv.Limit{Count: perMinute, Per: time.Minute})
	}
}

// limit takes one use of a key; the error is TooMany.
func limit(ctx context.Context, counter kv.Store, key string, l kv.Limit) error {
	v, err := counter.Allow(ctx, key, l)
	if err != nil {
		return fmt.Errorf("rate limit: %w", err)
	}
	if v.Allowed {
		return nil
	}
	return &model.Error{
		Kind: model.TooMany, Code: "too_many", RetryAfter: v.RetryAfter,
		Detail: "Too many tries. Wait a little and try again.",
	}
}
