package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"
)

// observed is all that the metrics are told.
type observed struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *observed) observe() api.Observe {
	note := func(args ...any) {
		o.mu.Lock()
		defer o.mu.Unlock()
		fmt.Fprintln(&o.text, args...)
	}
	return api.Observe{
		Answer:  func(route, method string, status int, _ time.Duration) { note("answer", route, method, status) },
		Refused: func(why string, c api.Class) { note("refused", why, c) },
	}
}

func (o *observed) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// With a canary in every text that a person can write, every route is used: well,
// badly, and with the canary in the address. Neither the log nor the metrics nor
// a header holds it afterwards, and no metric names a record.
func TestNothingPersonalLeaksBesideTheAnswers_ASVS_14_2_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		seen := &observed{}
		p := k.Process(nil, func(o *api.Options) { o.Observe = seen.observe() })
		w := newWorld(p, k.User1, canary)
		mine := w.all()
		for _, r := range members(p) {
			with := w.fresh(r)
			good := resolve(p, calls[name(r)].body, with)
			typed := "?q=" + canary + "&cursor=" + canary + "&" + canary + "=1"
			answers := []*testkit.Response{send(p, r, with, w.member, good), p.Do(r.Method, fill(r, with)+typed, w.member, nil), p.Do(r.Method, fill(r, ids{})+canary, w.member, nil)}
			for field := range asFields(good) {
				answers = append(answers, send(p, r, with, w.member, replaced(good, field, canary)))
			}
			for _, res := range answers {
				for n, v := range res.Header {
					wantNoneOf(t, name(r)+" header "+n, []byte(strings.Join(v, "\n")), []string{canary, strings.ToLower(canary)})
				}
			}
		}
		p.Get("/clients?q="+url.QueryEscape(strings.ToLower(canary)), w.member).Want(p, http.StatusOK)
		p.Do(canary, "/clients", w.member, nil)
		k.RunJobs()
		words := []string{canary, strings.ToLower(canary), "0987123"}
		wantNoneOf(t, "the log", []byte(k.Log.String()), words)
		metrics := seen.String()
		for _, id := range mine {
			words = append(words, id)
		}
		wantNoneOf(t, "the metrics", []byte(metrics), append(words, k.User1.ID.String(), k.Workspace1.ID.String()))
		if strings.Count(metrics, "\n") < 300 || !strings.Contains(metrics, "answer GET /api/v1/clients/{id} GET 200") {
			t.Errorf("the metrics were told %d things", strings.Count(metrics, "\n"))
		}
	})
}
