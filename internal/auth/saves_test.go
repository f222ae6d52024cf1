package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/kv"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestSavesAreCountedByPersonAndNote(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		me, other, note, second := uuid.New(), uuid.New(), uuid.New(), uuid.New()
		for range 120 {
			testkit.NoErr(t, k.Auth.AllowSave(t.Context(), me, note))
		}
		wantTooMany(t, k.Auth.AllowSave(t.Context(), me, note), 500*time.Millisecond)
		testkit.NoErr(t, k.Auth.AllowSave(t.Context(), other, note))
		testkit.NoErr(t, k.Auth.AllowSave(t.Context(), me, second))
		k.Clock.Advance(500 * time.Millisecond)
		testkit.NoErr(t, k.Auth.AllowSave(t.Context(), me, note))
		wantTooMany(t, k.Auth.AllowSave(t.Context(), me, note), 500*time.Millisecond)
	})
}

// uncounted is shared state that cannot count.
type uncounted struct{ kv.Store }

func (uncounted) Allow(context.Context, string, kv.Limit) (kv.Verdict, error) {
	return kv.Verdict{}, errors.New("away")
}

func TestSavesAreAllowedWhenTheyCannotBeCounted(t *testing.T) {
	t.Parallel()
	s, err := auth.New(auth.Options{KV: uncounted{}, Secret: []byte(strings.Repeat("x", 32)), Now: time.Now, Random: rand.Reader})
	testkit.NoErr(t, err)
	for range 200 {
		testkit.NoErr(t, s.AllowSave(t.Context(), uuid.New(), uuid.Nil))
	}
}
