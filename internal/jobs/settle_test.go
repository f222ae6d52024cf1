package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/jobs"
	"pazpaz/internal/mail"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func failing(err error) jobs.Handler { return func(context.Context, []byte) error { return err } }

// The waits between the tries are 5 s, 10 s, 20 s and so on; then it is over.
func TestWaitsDouble(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "p")
		runs := 0
		r := runner(k, k.Store, "x", func(context.Context, []byte) error { runs++; return errors.New("no luck") })
		drain(k, r)
		for try := 1; try < 10; try++ {
			wait := 5 * time.Second << (try - 1)
			k.Clock.Advance(wait - time.Microsecond)
			drain(k, r)
			if runs != try {
				t.Fatalf("try %d came before its time", try+1)
			}
			k.Clock.Advance(time.Microsecond)
			drain(k, r)
			if runs != try+1 {
				t.Fatalf("try %d did not come after %v", try+1, wait)
			}
		}
		if got := state(k); got != "dead 10 given_up" {
			t.Fatalf("in the end: %q", got)
		}
		k.Clock.Advance(1000 * time.Hour)
		drain(k, r)
		if runs != 10 {
			t.Error("a job that was given up ran again")
		}
	})
}

func TestHowAFailureIsSettled(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"message is not valid":     {fmt.Errorf("send: %w", mail.ErrInvalid), "dead 1 given_up"},
		"refused for good":         {fmt.Errorf("send: %w", mail.ErrRejected), "dead 1 given_up"},
		"may or may not have gone": {fmt.Errorf("send: %w", mail.ErrUncertain), "ready 1 failed"},
		"something else":           {errors.New("connection refused"), "ready 1 failed"},
		"deadline":                 {context.DeadlineExceeded, "ready 1 failed"},
		"done":                     {nil, "done 1 "},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				enqueue(k, "x", "p")
				drain(k, runner(k, k.Store, "x", failing(c.err)))
				if got := state(k); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				wiped := k.DB.Count("select count(*) from jobs where length(payload) = 0") == 1
				if wiped != !strings.HasPrefix(c.want, "ready") {
					t.Errorf("the payload is wiped: %v", wiped)
				}
			})
		})
	}
}

func TestFailureDoesNotHoldUpTheOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "fails", "panics", "a", "b")
		done := map[string]bool{}
		r := runner(k, k.Store, "x", func(_ context.Context, p []byte) error {
			switch string(p) {
			case "fails":
				return errors.New("no luck")
			case "panics":
				panic("boom")
			}
			done[string(p)] = true
			return nil
		})
		drain(k, r)
		if !done["a"] || !done["b"] {
			t.Errorf("done: %v", done)
		}
		if n := k.DB.Count("select count(*) from jobs where state = 'ready' and attempts = 1"); n != 2 {
			t.Errorf("%d jobs wait for their second try, want 2", n)
		}
	})
}

func TestDamagedPayloadIsGivenUpAndHoldsUpNobody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "damaged")
		testkit.NoErr(t, k.DB.Exec("update jobs set payload = "+map[string]string{"sqlite": "x'0100'", "postgres": `'\x0100'`}[k.Engine]))
		k.Clock.Advance(time.Second)
		enqueue(k, "x", "good")
		var got []string
		drain(k, runner(k, k.Store, "x", func(_ context.Context, p []byte) error { got = append(got, string(p)); return nil }))
		if strings.Join(got, " ") != "good" {
			t.Errorf("ran %q", got)
		}
		if n := k.DB.Count("select count(*) from jobs where state = 'dead' and failure = 'given_up'"); n != 1 {
			t.Errorf("%d jobs were given up, want the damaged one", n)
		}
	})
}

// A payload that was moved from one job to another does not open there.
func TestMovedPayloadIsNotRun(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "first", "second")
		testkit.NoErr(t, k.DB.Exec("update jobs set payload = (select payload from jobs order by id limit 1)"))
		ran := 0
		drain(k, runner(k, k.Store, "x", func(context.Context, []byte) error { ran++; return nil }))
		if ran != 1 {
			t.Errorf("%d ran, want the one whose payload it is", ran)
		}
	})
}

// A job that kills its process each time must not go on killing.
func TestJobThatKillsItsProcessIsGivenUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "p")
		for range 10 {
			_, err := k.Store.ClaimJob(t.Context(), time.Minute) // and then its process dies
			testkit.NoErr(t, err)
			k.Clock.Advance(time.Minute)
		}
		drain(k, runner(k, k.Store, "x", func(context.Context, []byte) error { t.Error("it ran an eleventh time"); return nil }))
		if got := state(k); got != "dead 11 given_up" {
			t.Errorf("got %q", got)
		}
	})
}

// A process that lost its lease settles nothing any more, whichever way.
func TestLostLeaseSettlesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "p")
		lost, err := k.Store.ClaimJob(t.Context(), time.Minute)
		testkit.NoErr(t, err)
		k.Clock.Advance(time.Minute)
		holder, err := k.OpenStore().ClaimJob(t.Context(), time.Minute)
		testkit.NoErr(t, err)
		if holder.ID != lost.ID || lost.Attempts != 1 || holder.Attempts != 2 || string(holder.Payload) != "p" {
			t.Fatalf("claimed %+v, then %+v", lost, holder)
		}
		testkit.NoErr(t, k.Store.FinishJob(t.Context(), lost, ""))
		testkit.NoErr(t, k.Store.RetryJob(t.Context(), lost, k.Clock.Now(), "failed"))
		if got := state(k); got != "running 2 " {
			t.Errorf("the one who lost the lease made it %q", got)
		}
		testkit.NoErr(t, k.Store.FinishJob(t.Context(), holder, ""))
		if got := state(k); got != "done 2 " {
			t.Errorf("the holder made it %q", got)
		}
	})
}

func TestHandlerHasLessTimeThanItsLease(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "p")
		var left time.Duration
		drain(k, runner(k, k.Store, "x", func(ctx context.Context, _ []byte) error {
			end, ok := ctx.Deadline()
			if left = time.Until(end); !ok {
				t.Error("there is no deadline")
			}
			lease := k.DB.Count("select count(*) from jobs where lease_until > $1 and state = 'running'", at(k, k.Clock.Now().Add(left)))
			if lease != 1 {
				t.Error("the lease ends before the handler must")
			}
			return nil
		}))
		if left < time.Minute || left > 90*time.Second {
			t.Errorf("%v are left", left)
		}
	})
}

// at is a time as the engine stores it.
func at(k *testkit.Kit, t time.Time) any {
	if k.Engine == "sqlite" {
		return t.UnixMicro()
	}
	return t
}

func TestOldestJobComesFirst(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, p := range []string{"a", "b", "c", "d"} {
			enqueue(k, "x", p)
			k.Clock.Advance(time.Second)
		}
		var got []string
		drain(k, runner(k, k.Store, "x", func(_ context.Context, p []byte) error { got = append(got, string(p)); return nil }))
		if strings.Join(got, "") != "abcd" {
			t.Errorf("ran %q", got)
		}
	})
}

func TestEndedContextFinishesTheRunningJobAndTakesNoOther(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "a", "b")
		ctx, stop := context.WithCancel(t.Context())
		ran := 0
		r := runner(k, k.Store, "x", func(ctx context.Context, _ []byte) error {
			ran++
			stop()
			return ctx.Err() // the job itself is not stopped
		})
		testkit.NoErr(t, r.Drain(ctx))
		if n := k.DB.Count("select count(*) from jobs where state = 'done'"); ran != 1 || n != 1 {
			t.Errorf("%d ran, %d are done, want 1 and 1", ran, n)
		}
		if n := k.DB.Count("select count(*) from jobs where state = 'ready' and attempts = 0"); n != 1 {
			t.Errorf("%d jobs are untouched, want 1", n)
		}
	})
}

// Nothing of what a handler worked with or failed with is stored, and of the
// payload nothing is logged.
func TestFailuresAreNotStored(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "payload-canary")
		drain(k, runner(k, k.Store, "x", failing(errors.New("cannot reach error-canary"))))
		if rows := fmt.Sprint(k.DB.Rows("select * from jobs")); strings.Contains(rows, "canary") {
			t.Errorf("stored: %s", rows)
		}
		if log := k.Log.String(); strings.Contains(log, "payload-canary") || !strings.Contains(log, "error-canary") {
			t.Errorf("logged: %s", log)
		}
	})
}

func TestSentMailIsTheOneThatWasQueued(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		want := mail.Message{ID: "id-1", To: "noa@example.com", Subject: "שלום", Text: "text", HTML: "<p>", Date: k.Clock.Now(), Lang: "he"}
		queue := func(m jobs.Mail) {
			payload, err := json.Marshal(m)
			testkit.NoErr(t, err)
			enqueue(k, "mail", string(payload))
		}
		r := runner(k, k.Store, "mail", jobs.SendMail(k.Outbox, k.Clock.Now))
		queue(jobs.Mail{Message: want})
		queue(jobs.Mail{Message: want, NotAfter: k.Clock.Now().Add(time.Minute)})
		k.Outbox.FailNext(2)
		drain(k, r)
		if n := len(k.Outbox.Sent()); n != 0 {
			t.Fatalf("%d mails went out of a broken outbox", n)
		}
		k.Clock.Advance(time.Minute)
		drain(k, r) // the second is still of use in the last moment
		sent := k.Outbox.Sent()
		if len(sent) != 2 || sent[0] != want || sent[1] != want {
			t.Errorf("sent %+v, want twice %+v", sent, want)
		}
	})
}

func TestMailThatIsOfNoUseAnyMoreIsDropped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		payload, err := json.Marshal(jobs.Mail{Message: mail.Message{ID: "x", To: "a@example.com", Subject: "s", Text: "t", Date: k.Clock.Now()}, NotAfter: k.Clock.Now()})
		testkit.NoErr(t, err)
		enqueue(k, "mail", string(payload))
		k.Clock.Advance(time.Microsecond)
		drain(k, runner(k, k.Store, "mail", jobs.SendMail(k.Outbox, k.Clock.Now)))
		if got := state(k); len(k.Outbox.Sent()) != 0 || got != "done 1 " {
			t.Errorf("%d mails were sent, the job is %q", len(k.Outbox.Sent()), got)
		}
	})
}

func TestUnreadableMailJobIsTriedAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "mail", "no JSON")
		drain(k, runner(k, k.Store, "mail", jobs.SendMail(k.Outbox, k.Clock.Now)))
		if got := state(k); len(k.Outbox.Sent()) != 0 || got != "ready 1 failed" {
			t.Errorf("%d mails were sent, the job is %q", len(k.Outbox.Sent()), got)
		}
	})
}

func TestJobEnqueuedByARunningJobIsDoneInTheSameDrain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		enqueue(k, "x", "parent")
		var got []string
		drain(k, runner(k, k.Store, "x", func(ctx context.Context, p []byte) error {
			got = append(got, string(p))
			if string(p) != "parent" {
				return nil
			}
			return k.Store.Identity(ctx, func(tx *store.IdentityTx) error {
				return tx.Enqueue(store.Job{ID: uuid.New(), Kind: "x", Payload: []byte("child")})
			})
		}))
		if strings.Join(got, " ") != "parent child" {
			t.Errorf("ran %q", got)
		}
	})
}

func TestDrainSaysWhenTheQueueCannotBeRead(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		s := k.OpenStore()
		testkit.NoErr(t, s.Close())
		r := runner(k, s, "x", nil)
		if err := r.Drain(t.Context()); err == nil {
			t.Error("a closed queue was drained")
		}
		for range 3 {
			r.Wake() // nobody listens, and nobody waits for that
		}
	})
}
