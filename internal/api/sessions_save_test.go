package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// draftPaths are the two ways to change a draft.
var draftPaths = map[string]string{"PATCH": "/draft", "PUT": ""}

func TestDraftSetsOneFieldAndKeepsTheOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		values := map[string]struct{ value, cleared any }{
			"subjective": {"New", nil}, "objective": {"New\nlines", nil}, "assessment": {"חדש", nil}, "plan": {"New", nil},
			"duration_minutes": {30, nil}, "session_date": {p.ago(2 * time.Hour), nil},
		}
		for method, path := range draftPaths {
			for field, v := range values {
				want := obj{"subjective": "S", "objective": "O", "assessment": "A", "plan": "P", "duration_minutes": 45, "session_date": p.ago(time.Hour)}
				n := p.note(want)
				want[field] = v.value
				n = p.do(n, method, path, obj{field: v.value})
				same(k, n, want)
				same(k, n, obj{"version": 2, "status": "draft"})
				same(k, p.read(n), n)
				if field == "session_date" {
					continue
				}
				want[field] = v.cleared
				n = p.do(n, method, path, obj{field: nil})
				same(k, n, want)
				same(k, p.read(n), n)
			}
		}
	})
}

func TestDraftMovesItsTimes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(nil)
		k.Clock.Advance(time.Minute)
		want := obj{"created_at": p.ago(time.Minute), "saved_at": p.ago(0), "updated_at": p.ago(0), "version": 2}
		same(k, p.save(n, obj{"plan": "Rest"}), want)
		same(k, p.read(n), want)
	})
}

func TestDraftThatChangesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(obj{"plan": "Rest", "duration_minutes": 5, "session_date": p.ago(time.Hour)})
		k.Clock.Advance(time.Minute)
		for _, body := range []obj{
			{}, {"plan": "Rest"}, {"plan": " Rest\n"}, {"subjective": nil}, {"subjective": " "}, {"duration_minutes": 5},
			{"session_date": n["session_date"]}, {"session_date": strings.Replace(n["session_date"].(string), "08:00:00Z", "10:00:00+02:00", 1)},
		} {
			same(k, p.save(n, body), n)
		}
		same(k, p.read(n), n)
	})
}

func TestDraftRefusesBadContent(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(obj{"plan": "Rest"})
		bad := append(slices.Clone(badContent), struct {
			field string
			value any
			code  string
		}{"session_date", nil, "required"})
		for method, path := range draftPaths {
			for _, c := range bad {
				got := wrong(k, p.on(n, method, path, obj{"subjective": "x", c.field: c.value}))
				if !slices.Equal(got, []string{"body." + c.field + " " + c.code}) {
					t.Errorf("%s %s: refused as %q, want %s", method, c.field, got, c.code)
				}
			}
			for _, field := range []string{"client_id", "appointment_id", "status", "template_id", "reason", "copied"} {
				if got := wrong(k, p.on(n, method, path, obj{field: "x"})); !slices.Equal(got, []string{"body.unknown unknown_field"}) {
					t.Errorf("%s %s: refused as %q", method, field, got)
				}
			}
		}
		same(k, p.read(n), n)
	})
}

func TestDraftNeedsTheVersionSeen(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.save(p.note(nil), obj{"plan": "First"})
		for method, path := range draftPaths {
			if got := wrong(k, p.on(n, method, path, obj{"plan": "x", "version": 0})); !slices.Equal(got, []string{"body.version required"}) {
				t.Errorf("none: %q", got)
			}
			for _, off := range []float64{-1, 1, 99} {
				res := p.on(n, method, path, obj{"plan": "Lost", "version": n["version"].(float64) + off}).WantCode(k, 409, "stale")
				current := res.Map(k)["current"]
				same(k, current.(obj), n)
				for _, fault := range k.Contract().Matches("Session", current) {
					t.Errorf("the current note is no Session: %s", fault)
				}
			}
			h := p.h.Clone()
			h.Set("If-Match", `"1"`)
			k.Ask(method, fmt.Sprint("/sessions/", n["id"], path), h, obj{"plan": "Lost"}).WantCode(k, 409, "stale")
			h.Set("If-Match", fmt.Sprintf(`"%v"`, n["version"]))
			n = k.Ask(method, fmt.Sprint("/sessions/", n["id"], path), h, obj{"plan": "By header " + method}).Want(k, 200).Map(k)
		}
		same(k, p.read(n), obj{"version": 4, "plan": n["plan"]})
	})
}

func TestDraftPathsRefuseSignedNotes_ASVS_2_3_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.signed(obj{"plan": "Rest"})
		other := p.signed(obj{"plan": "Other"})
		try := func(code string) {
			t.Helper()
			for _, c := range []struct{ method, path string }{{"PATCH", "/draft"}, {"PUT", ""}, {"POST", "/finalize"}, {"POST", "/copy"}} {
				body := obj{"plan": "Changed"}
				switch c.path {
				case "/finalize":
					body = obj{}
				case "/copy":
					body = obj{"from_session_id": other["id"]}
				}
				same(k, p.on(n, c.method, c.path, body).WantCode(k, 409, code).Map(k)["current"].(obj), n)
				body["version"] = 1 // also when it is stale: that it is signed tells more
				p.on(n, c.method, c.path, body).WantCode(k, 409, code)
			}
			p.remove(n, nil).WantCode(k, 409, code)
			same(k, p.read(n), n)
		}
		try("signed")
		n = p.amend(n, obj{"plan": "Amended"})
		try("signed")
		n = p.void(n)
		try("entered_in_error")
	})
}

// Both tabs keep their words: one is saved, the other is answered with it.
func TestTwoTabsSaveAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(nil)
		for round := range 5 {
			answers := together(3, func(i int) *testkit.Response {
				return k.Do("PATCH", fmt.Sprint("/sessions/", n["id"], "/draft"), p.h, obj{"version": n["version"], "plan": fmt.Sprint(round, " by ", i)})
			})
			winner := slices.IndexFunc(answers, func(r *testkit.Response) bool { return r.Status == 200 })
			if winner < 0 {
				t.Fatalf("nobody saved: %s", answers[0].Body)
			}
			n = answers[winner].Map(k)
			for i, r := range answers {
				if i != winner {
					same(k, r.WantCode(k, 409, "stale").Map(k)["current"].(obj), obj{"plan": fmt.Sprint(round, " by ", winner)})
				}
			}
			same(k, p.read(n), obj{"plan": fmt.Sprint(round, " by ", winner), "version": round + 2})
		}
	})
}

func TestSigningAndSavingAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for range 5 {
			n := p.note(obj{"plan": "Before"})
			path := fmt.Sprint("/sessions/", n["id"])
			answers := together(2, func(i int) int {
				if i == 0 {
					return k.Do("POST", path+"/finalize", p.h, obj{"version": 1}).Status
				}
				return k.Do("PATCH", path+"/draft", p.h, obj{"version": 1, "plan": "After"}).Status
			})
			want := obj{"status": "signed", "plan": "Before"}
			if answers[1] == 200 {
				want = obj{"status": "draft", "plan": "After"}
			}
			if answers[0]+answers[1] != 200+409 {
				t.Errorf("answers %v", answers)
			}
			same(k, p.read(n), want)
		}
	})
}

// retryAfter is how long a refused save is told to wait, in seconds.
func retryAfter(k *testkit.Kit, res *testkit.Response) string {
	k.T.Helper()
	return res.WantCode(k, http.StatusTooManyRequests, "too_many").Header.Get("Retry-After")
}

func TestAHundredAndTwentySavesAMinute(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n, other := p.note(nil), p.note(nil)
		save := func(id any, h http.Header) *testkit.Response {
			return k.Ask("PATCH", fmt.Sprint("/sessions/", id, "/draft"), h, obj{"version": 1})
		}
		for range 120 {
			save(n["id"], p.h).Want(k, 200)
		}
		if after := retryAfter(k, save(n["id"], p.h)); after != "1" {
			t.Errorf("retry after %q seconds", after)
		}
		p.save(other, obj{"plan": "Another note has its own"})
		colleague := as(k, k.Practitioner1)
		save(n["id"], colleague.h).WantCode(k, 404, "not_found") // so has another person
		p.do(n, "PUT", "", obj{"plan": "Saved by hand"})
		k.Clock.Advance(500 * time.Millisecond)
		save(n["id"], p.h).WantCode(k, 409, "stale")
		retryAfter(k, save(n["id"], p.h))
	})
}

// The limit is looked at before the note, so it cannot be used to find out.
func TestTheSaveLimitComesFirst(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p, nobody := writes(k), uuid.NewString()
		for range 120 {
			k.Do("PATCH", "/sessions/"+nobody+"/draft", p.h, obj{"version": 1}).WantCode(k, 404, "not_found")
		}
		k.Ask("PATCH", "/sessions/"+nobody+"/draft", p.h, "{").WantCode(k, 429, "too_many")
	})
}
