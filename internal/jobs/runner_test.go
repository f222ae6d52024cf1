package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/jobs"
	"pazpaz/internal/mail"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// enqueue puts jobs of a kind into the queue, in one transaction.
func enqueue(k *testkit.Kit, kind string, payloads ...string) {
	k.T.Helper()
	err := k.Store.Identity(k.T.Context(), func(tx *store.IdentityTx) error {
		for _, p := range payloads {
			if err := tx.Enqueue(store.Job{ID: uuid.New(), Kind: kind, Payload: []byte(p)}); err != nil {
				return err
			}
		}
		return nil
	})
	testkit.NoErr(k.T, err)
}

// runner makes a runner with one handler on a store.
func runner(k *testkit.Kit, s *store.Store, kind string, h jobs.Handler) *jobs.Runner {
	log := slog.New(slog.NewJSONHandler(k.Log, nil))
	return jobs.New(s, k.Clock.Now, log, map[string]jobs.Handler{kind: h})
}

func drain(k *testkit.Kit, r *jobs.Runner) {
	k.T.Helper()
	testkit.NoErr(k.T, r.Drain(k.T.Context()))
}

// state is the only job's state, attempts and failure in the database.
func state(k *testkit.Kit) string {
	k.T.Helper()
	return strings.Join(k.DB.Rows("select state, attempts, failure from jobs")[0], " ")
}

func TestEachJobRunsOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const n = 60
		var payloads []string
		for i := range n {
			payloads = append(payloads, fmt.Sprint(i))
		}
		enqueue(k, "count", payloads...)
		var mu sync.Mutex
		seen := map[string]int{}
		count := func(_ context.Context, p []byte) error {
			mu.Lock()
			defer mu.Unlock()
			seen[string(p)]++
			return nil
		}
		var wg sync.WaitGroup
		for _, s := range []*store.Store{k.Store, k.OpenStore()} {
			for range 4 {
				wg.Go(func() {
					for due(t, s) { // a runner that lost the race for a job looks again
						if err := runner(k, s, "count", count).Drain(t.Context()); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
		}
		wg.Wait()
		if len(seen) != n {
			t.Fatalf("%d jobs ran, want %d", len(seen), n)
		}
		for p, times := range seen {
			if times != 1 {
				t.Errorf("job %s ran %d times", p, times)
			}
		}
		if left := k.DB.Count("select count(*) from jobs where state <> 'done' or length(payload) > 0"); left != 0 {
			t.Errorf("%d jobs are not done, or keep their payload", left)
		}
	})
}

func due(t *testing.T, s *store.Store) bool {
	t.Helper()
	waiting, err := s.JobDue(t.Context())
	if err != nil {
		t.Error(err)
	}
	return waiting
}

func TestRolledBackJobNeverRuns(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		err := k.Store.Identity(t.Context(), func(tx *store.IdentityTx) error {
			if err := tx.Enqueue(store.Job{ID: uuid.New(), Kind: "x", Payload: []byte("p")}); err != nil {
				return err
			}
			return errors.New("changed my mind")
		})
		if err == nil {
			t.Fatal("the transaction committed")
		}
		drain(k, runner(k, k.Store, "x", func(context.Context, []byte) error { t.Error("it ran"); return nil }))
		if n := k.DB.Count("select count(*) from jobs"); n != 0 {
			t.Fatalf("%d jobs are stored", n)
		}
	})
}

func TestFailedJobIsTriedAgainLaterAndGivenUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "broken", "canary-payload")
		runs := 0
		r := runner(k, k.Store, "broken", func(context.Context, []byte) error { runs++; return errors.New("no luck") })
		drain(k, r)
		if got := state(k); runs != 1 || got != "ready 1 failed" {
			t.Fatalf("after the first try: %d runs, %q", runs, got)
		}
		drain(k, r)
		k.Clock.Advance(4 * time.Second)
		drain(k, r)
		if runs != 1 {
			t.Fatal("it was tried again before five seconds")
		}
		k.Clock.Advance(time.Second)
		drain(k, r)
		k.Clock.Advance(9 * time.Second)
		drain(k, r)
		if runs != 2 {
			t.Fatalf("%d runs; the second wait must be ten seconds", runs)
		}
		for range 20 {
			k.Clock.Advance(time.Hour)
			drain(k, r)
		}
		if got := state(k); runs != 10 || got != "dead 10 given_up" {
			t.Fatalf("in the end: %d runs, %q", runs, got)
		}
		if n := k.DB.Count("select count(*) from jobs where length(payload) > 0"); n != 0 {
			t.Error("a job that was given up keeps its payload")
		}
	})
}

func TestRefusedMailIsGivenUpAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		payload, err := json.Marshal(mail.Message{ID: "x", To: "a@example.com", Subject: "s", Text: "t", Date: k.Clock.Now()})
		testkit.NoErr(t, err)
		enqueue(k, "mail", string(payload))
		drain(k, runner(k, k.Store, "mail", jobs.SendMail(refusing{}, k.Clock.Now)))
		if got := state(k); got != "dead 1 given_up" {
			t.Fatalf("got %q", got)
		}
	})
}

// refusing is a mail server that will never take the message.
type refusing struct{}

func (refusing) Send(context.Context, mail.Message) error {
	return fmt.Errorf("send: %w", mail.ErrRejected)
}
func (refusing) Close() error { return nil }

func TestUnknownKindIsGivenUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "nobody knows", "p")
		drain(k, runner(k, k.Store, "other", nil))
		if got := state(k); got != "dead 1 given_up" {
			t.Fatalf("got %q", got)
		}
	})
}

func TestPanicInAHandlerIsAFailure(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "panics", "p")
		drain(k, runner(k, k.Store, "panics", func(context.Context, []byte) error { panic("boom") }))
		if got := state(k); got != "ready 1 failed" {
			t.Fatalf("got %q", got)
		}
	})
}

func TestJobOfADeadProcessIsTakenOver(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "p")
		j, err := k.Store.ClaimJob(t.Context(), time.Minute) // and then its process dies
		testkit.NoErr(t, err)
		runs := 0
		r := runner(k, k.Store, "x", func(context.Context, []byte) error { runs++; return nil })
		k.Clock.Advance(59 * time.Second)
		drain(k, r)
		if runs != 0 {
			t.Fatal("the job was taken while its lease ran")
		}
		k.Clock.Advance(time.Second)
		drain(k, r)
		if got := state(k); runs != 1 || got != "done 2 " {
			t.Fatalf("%d runs, %q", runs, got)
		}
		// The first process wakes up after all: what it settles is not its own.
		testkit.NoErr(t, k.Store.RetryJob(t.Context(), j, k.Clock.Now(), "failed"))
		if got := state(k); got != "done 2 " {
			t.Fatalf("a process that lost its lease changed the job: %q", got)
		}
	})
}

func TestPayloadIsSealed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "canary-in-a-payload")
		if raw := k.DB.Rows("select payload from jobs")[0][0]; raw == "" || strings.Contains(raw, "canary") {
			t.Fatalf("the payload is readable: %q", raw)
		}
	})
}

func TestTidyForgetsWhatEndedLongAgo(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "p")
		r := runner(k, k.Store, "x", func(context.Context, []byte) error { return nil })
		drain(k, r)
		k.Clock.Advance(7 * 24 * time.Hour)
		testkit.NoErr(t, r.Tidy(t.Context()))
		if n := k.DB.Count("select count(*) from jobs"); n != 1 {
			t.Fatal("it was forgotten before a week was over")
		}
		k.Clock.Advance(time.Second)
		testkit.NoErr(t, r.Tidy(t.Context()))
		if n := k.DB.Count("select count(*) from jobs"); n != 0 {
			t.Fatal("it was not forgotten")
		}
	})
}

func TestRunWorksUntilItsContextEnds(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		ran := make(chan string, 1)
		r := runner(k, k.Store, "x", func(_ context.Context, p []byte) error { ran <- string(p); return nil })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); r.Run(ctx) }()
		enqueue(k, "x", "hello")
		r.Wake()
		if got := <-ran; got != "hello" {
			t.Fatalf("got %q", got)
		}
		cancel()
		<-done
	})
}
