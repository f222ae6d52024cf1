package auth_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/jobs"
	"pazpaz/internal/mail"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestMailOfASignIn(t *testing.T) {
	for name, c := range map[string]struct {
		own, asked      string // the person's language, the request's
		want, dir, word string
	}{
		"English":                      {"en", "", "en", "ltr", "sign-in"},
		"Hebrew":                       {"he", "", "he", "rtl", "הכניסה"},
		"asked in Hebrew":              {"en", "he", "he", "rtl", "הכניסה"},
		"asked in English by a Hebrew": {"he", "en", "en", "ltr", "sign-in"},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				testkit.NoErr(t, k.DB.Exec("update users set locale = $1 where id = $2", c.own, k.User1.ID.String()))
				testkit.NoErr(t, k.Auth.RequestLink(t.Context(), "user-1@example.com", c.asked, browserA, home, auth.Device{Request: uuid.New()}))
				k.RunJobs()
				m := k.Outbox.Sent()[0]
				token, code := k.LinkToken(m), k.LinkCode(m)
				if m.To != "user-1@example.com" || m.Lang != c.want || !strings.Contains(m.Subject, c.word) || !m.Date.Equal(k.Clock.Now()) {
					t.Fatalf("got %+v", m)
				}
				if len(token) != 43 {
					t.Fatalf("the token has %d characters, want the 43 of 256 bits", len(token))
				}
				for _, want := range []string{
					`<html dir="` + c.dir + `">`, `href="` + testkit.PublicURL + "/sign-in/link#token=" + token + `"`, code[:4] + " " + code[4:],
				} {
					if !strings.Contains(m.HTML, want) {
						t.Errorf("no %s in %s", want, m.HTML)
					}
				}
				for _, private := range []string{"Test User", "Test Workspace", code} {
					if strings.Contains(m.Subject+m.Text+m.HTML, private) {
						t.Errorf("the mail names %s", private)
					}
				}
			})
		})
	}
}

func TestOnlyKnownPeopleAreMailed(t *testing.T) {
	for name, c := range map[string]struct{ email, update string }{
		"unknown":             {"nobody@example.com", ""},
		"part of an address":  {"user-1@example.co", ""},
		"inactive":            {"user-1@example.com", "update members set active = false where user_id = $1"},
		"suspended workspace": {"user-1@example.com", "update workspaces set status = 'suspended' where id = (select workspace_id from members where user_id = $1)"},
		"no membership":       {"user-1@example.com", "delete from members where user_id = $1"},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				if c.update != "" {
					testkit.NoErr(t, k.DB.Exec(c.update, k.User1.ID.String()))
				}
				if sent := ask(k, c.email, browserA, home); len(sent) != 0 {
					t.Fatalf("a mail went to %s", sent[0].To)
				}
				if n := k.DB.Count("select count(*) from sign_in_links"); n != 0 {
					t.Fatalf("%d links were made", n)
				}
				if n := k.DB.Count("select count(*) from jobs where state <> 'done'"); n != 0 {
					t.Fatalf("%d jobs are left", n)
				}
			})
		})
	}
}

// flaky is a mail server that refuses the first sends and notes all.
type flaky struct {
	mu       sync.Mutex
	failures int
	tried    []mail.Message
}

func (f *flaky) Send(_ context.Context, m mail.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried = append(f.tried, m)
	if len(f.tried) <= f.failures {
		return errors.New("flaky: not now")
	}
	return nil
}

func (*flaky) Close() error { return nil }

func TestAMailThatFailsIsTheSameWhenTriedAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		server := &flaky{failures: 2}
		runner := jobs.New(k.Store, k.Clock.Now, slog.New(slog.NewTextHandler(io.Discard, nil)), map[string]jobs.Handler{
			auth.JobLink: k.Auth.DeliverLink, auth.JobMail: jobs.SendMail(server, k.Clock.Now),
		})
		testkit.NoErr(t, k.Auth.RequestLink(t.Context(), "user-1@example.com", "", browserA, home, auth.Device{Request: uuid.New()}))
		for _, after := range []time.Duration{0, 5 * time.Second, 10 * time.Second, time.Hour} {
			k.Clock.Advance(after)
			testkit.NoErr(t, runner.Drain(t.Context()))
		}
		if len(server.tried) != 3 {
			t.Fatalf("%d tries, want 3", len(server.tried))
		}
		first := server.tried[0]
		for _, again := range server.tried[1:] {
			if again.ID == "" || again.ID != first.ID || again.Text != first.Text || !again.Date.Equal(first.Date) {
				t.Fatalf("got %+v, then %+v", first, again)
			}
		}
		if n := k.DB.Count("select count(*) from sign_in_links"); n != 1 {
			t.Fatalf("%d links for one mail", n)
		}
	})
}

func TestAMailThatFailedFirstSignsIn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.Outbox.FailNext(1)
		if sent := ask(k, "user-1@example.com", browserA, home); len(sent) != 0 {
			t.Fatal("the send did not fail")
		}
		k.Clock.Advance(5 * time.Second)
		k.RunJobs()
		sent := k.Outbox.Sent()
		if len(sent) != 1 {
			t.Fatalf("%d mails were sent, want 1", len(sent))
		}
		testkit.NoErr(t, byLink(k, k.LinkToken(sent[0]), browserA, home))
	})
}
