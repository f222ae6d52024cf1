package api_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/testkit"
)

func (p *pen) wantSigning(note obj, want string) {
	p.T.Helper()
	if got := wrong(p.Kit, p.on(note, "POST", "/finalize", nil)); !slices.Equal(got, []string{want}) {
		p.T.Errorf("refused as %q, want %s", got, want)
	}
	same(p.Kit, p.read(note), note)
}

func TestSigningNeedsSomethingWritten(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		p.wantSigning(p.note(nil), "body.sections empty")
		p.wantSigning(p.note(obj{"plan": "\u200b \u200f"}), "body.sections empty") // nothing that can be seen
		for _, section := range []string{"subjective", "objective", "assessment", "plan"} {
			n := p.signed(obj{section: "x"})
			same(k, n, obj{section: "x", "versions": 1})
		}
	})
}

func TestSigningNeedsTheVersionSeen(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.save(p.note(nil), obj{"plan": "Rest"})
		if got := wrong(k, p.on(n, "POST", "/finalize", obj{"version": 0})); !slices.Equal(got, []string{"body.version required"}) {
			t.Errorf("none: %q", got)
		}
		same(k, p.on(n, "POST", "/finalize", obj{"version": 1}).WantCode(k, 409, "stale").Map(k)["current"].(obj), n)
		same(k, p.read(n), n)
	})
}

func TestSigningMakesTheFirstVersion(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		body := obj{"subjective": "S", "objective": "O", "assessment": "A", "plan": "P", "duration_minutes": 45, "session_date": p.ago(time.Hour)}
		n := p.note(body)
		if len(p.versions(n)) != 0 {
			t.Error("a draft has versions")
		}
		k.Clock.Advance(time.Minute)
		n = p.sign(n)
		same(k, n, body)
		same(k, n, obj{"status": "signed", "is_draft": false, "signed_at": p.ago(0), "saved_at": p.ago(time.Minute), "updated_at": p.ago(0), "version": 2, "versions": 1})
		same(k, p.read(n), n)
		all := p.versions(n)
		if len(all) != 1 {
			t.Fatalf("%d versions", len(all))
		}
		same(k, all[0], body)
		same(k, all[0], obj{
			"session_id": n["id"], "client_id": n["client_id"], "number": 1, "reason": nil, "author_id": k.User1.ID.String(),
			"signed_at": p.ago(0), "changed": []any{}, "intact": true,
		})
		if k.DB.Count("select count(*) from sessions where draft is not null") != 0 {
			t.Error("the draft is still there")
		}
	})
}

// byHand computes the hash of a version from its JSON alone, as the decision
// record describes it.
func byHand(v map[string]any) string {
	text := func(name string) string {
		if v[name] == nil {
			return ""
		}
		return fmt.Sprint(v[name])
	}
	fields := []string{"pazpaz note v1"}
	for _, name := range []string{
		"session_id", "number", "client_id", "author_id", "signed_at", "session_date", "duration_minutes",
		"subjective", "objective", "assessment", "plan", "reason",
	} {
		fields = append(fields, text(name))
	}
	for _, section := range []string{"subjective", "objective", "assessment", "plan"} {
		for _, mark := range v["copied"].(obj)[section].([]any) {
			var lines []string
			for _, n := range mark.(obj)["lines"].([]any) {
				lines = append(lines, fmt.Sprint(n))
			}
			fields = append(fields, fmt.Sprint(section, " ", mark.(obj)["from_session_id"], " ", strings.Join(lines, ",")))
		}
	}
	var all strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&all, "%d:%s\n", len(f), f)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(all.String())))
}

func TestEveryHashCanBeComputedByHand_ASVS_11_4_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		k.Clock.Advance(123456 * time.Microsecond)
		source := p.signed(obj{"subjective": "כאב בגב\n😀 two", "plan": "Rest"})
		n := p.note(obj{"objective": "1:x\n", "duration_minutes": 0, "session_date": p.ago(time.Hour + time.Millisecond)})
		n = p.sign(p.do(n, "POST", "/copy", obj{"from_session_id": source["id"]}))
		n = p.amend(n, obj{"objective": "2", "duration_minutes": nil, "reason": "Typed\nwrong"})
		n = p.amend(n, obj{"session_date": p.ago(2 * time.Hour)})
		seen := map[string]bool{}
		for _, v := range append(p.versions(n), p.versions(source)...) {
			if v["hash"] != byHand(v) {
				t.Errorf("version %v has the hash %v, by hand %s", v["number"], v["hash"], byHand(v))
			}
			seen[v["hash"].(string)] = true
		}
		if len(seen) != 4 {
			t.Errorf("%d hashes for 4 versions", len(seen))
		}
	})
}

// The hash of each version is in the audit entry of its signing, inside the
// chain, which can be verified without the note.
func TestHashesAreInTheAuditChain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.amend(p.signed(obj{"plan": "Rest"}), obj{"plan": "Walk"})
		var proofs []string
		for e, err := range k.Store.Events(t.Context(), k.Workspace1.ID) {
			testkit.NoErr(t, err)
			if len(e.Content) > 0 {
				proofs = append(proofs, fmt.Sprintf("%s %s %x", e.Action, e.SubjectID, e.Content))
			}
		}
		all := p.versions(n)
		want := []string{fmt.Sprint("session.sign ", n["id"], " ", all[1]["hash"]), fmt.Sprint("session.amend ", n["id"], " ", all[0]["hash"])}
		if !slices.Equal(proofs, want) {
			t.Errorf("proofs %q, want %q", proofs, want)
		}
		head, err := k.Store.ChainHead(t.Context(), k.Workspace1.ID)
		testkit.NoErr(t, err)
		_, err = audit.Verify(k.Workspace1.ID, k.Store.Events(t.Context(), k.Workspace1.ID), []audit.Head{head})
		testkit.NoErr(t, err)
	})
}

// rows are the stored versions of a note, byte by byte.
func (p *pen) rows(note obj) []string {
	p.T.Helper()
	var all []string
	for _, r := range p.DB.Rows("select * from session_versions where session_id = $1 order by number", note["id"]) {
		all = append(all, fmt.Sprintf("%q", r))
	}
	return all
}

func TestAmendmentsAddVersions(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.signed(obj{"subjective": "S", "plan": "P", "duration_minutes": 50})
		first := p.ago(0)
		for i, c := range []struct {
			body    obj
			changed []any
		}{
			{obj{"plan": "Q"}, []any{"plan"}},
			{obj{"subjective": nil, "assessment": "A", "plan": "Q"}, []any{"subjective", "assessment"}},
			{obj{"session_date": p.ago(time.Hour)}, []any{"session_date"}},
			{obj{"duration_minutes": nil}, []any{"duration_minutes"}},
		} {
			before := p.rows(n)
			k.Clock.Advance(time.Minute)
			c.body["reason"] = fmt.Sprint("Reason ", i)
			n = p.amend(n, c.body)
			same(k, n, obj{"status": "signed", "versions": i + 2, "version": i + 3, "amended_at": p.ago(0), "signed_at": first})
			same(k, p.read(n), n)
			all := p.versions(n)
			same(k, all[0], obj{"number": i + 2, "reason": c.body["reason"], "changed": c.changed, "signed_at": p.ago(0), "intact": true})
			for _, field := range []string{"subjective", "objective", "assessment", "plan", "session_date", "duration_minutes"} {
				same(k, all[0], obj{field: n[field]})
			}
			if after := p.rows(n); !slices.Equal(after[:len(before)], before) || len(after) != len(before)+1 {
				t.Error("an earlier version was changed")
			}
		}
		same(k, p.versions(n)[4], obj{"number": 1, "subjective": "S", "plan": "P", "duration_minutes": 50, "reason": nil})
	})
}

func TestAmendmentsRefuse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.signed(obj{"plan": "P", "duration_minutes": 50})
		for _, c := range []struct {
			body obj
			want []string
		}{
			{obj{"plan": "Q"}, []string{"body.reason required"}},
			{obj{"plan": "Q", "reason": " \n"}, []string{"body.reason required"}},
			{obj{"plan": "Q", "reason": strings.Repeat("x", 501)}, []string{"body.reason too_long"}},
			{obj{"plan": strings.Repeat("x", 10_001)}, []string{"body.plan too_long", "body.reason required"}},
			{obj{"reason": "x"}, []string{"body.sections unchanged"}},
			{obj{"reason": "x", "plan": " P ", "duration_minutes": 50, "session_date": n["session_date"]}, []string{"body.sections unchanged"}},
			{obj{"reason": "x", "plan": nil}, []string{"body.sections empty"}},
			{obj{"reason": "x", "plan": " "}, []string{"body.sections empty"}},
			{obj{"reason": "x", "session_date": nil}, []string{"body.session_date required"}},
			{obj{"reason": "x", "session_date": p.ago(-time.Hour)}, []string{"body.session_date future"}},
			{obj{"reason": "x", "duration_minutes": 481}, []string{"body.duration_minutes range"}},
			{obj{"reason": "x", "plan": "Q", "version": 0}, []string{"body.version required"}},
			{obj{"reason": "x", "client_id": n["client_id"]}, []string{"body.unknown unknown_field"}},
		} {
			if got := wrong(k, p.on(n, "POST", "/amend", c.body)); !slices.Equal(got, c.want) {
				t.Errorf("%v: refused as %q, want %q", c.body, got, c.want)
			}
		}
		same(k, p.on(n, "POST", "/amend", obj{"reason": "x", "plan": "Q", "version": 1}).WantCode(k, 409, "stale").Map(k)["current"].(obj), n)
		draft := p.note(obj{"plan": "P"})
		p.on(draft, "POST", "/amend", obj{"reason": "x", "plan": "Q"}).WantCode(k, 409, "draft")
		same(k, p.read(n), n)
		if len(p.versions(n)) != 1 || len(p.versions(draft)) != 0 {
			t.Error("a version was added")
		}
	})
}

func TestTwoAmendmentsAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.signed(obj{"plan": "P"})
		path := fmt.Sprint("/sessions/", n["id"], "/amend")
		answers := together(4, func(i int) int {
			return k.Do("POST", path, p.h, obj{"plan": fmt.Sprint(i), "reason": "x", "version": n["version"]}).Status
		})
		slices.Sort(answers)
		if !slices.Equal(answers, []int{200, 409, 409, 409}) || len(p.versions(n)) != 2 {
			t.Errorf("answers %v, %d versions", answers, len(p.versions(n)))
		}
	})
}

func TestEnteredInError(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		n := p.sign(p.note(obj{"appointment_id": v["id"], "plan": "P"}))
		k.Clock.Advance(time.Minute)
		path := "/entered-in-error"
		for body, want := range map[string]string{"": "body.reason required", strings.Repeat("x", 501): "body.reason too_long"} {
			if got := wrong(k, p.on(n, "POST", path, obj{"reason": body})); !slices.Equal(got, []string{want}) {
				t.Errorf("refused as %q, want %s", got, want)
			}
		}
		if got := wrong(k, p.on(n, "POST", path, obj{"reason": "x", "version": 0})); !slices.Equal(got, []string{"body.version required"}) {
			t.Errorf("none: %q", got)
		}
		p.on(n, "POST", path, obj{"reason": "x", "version": 1}).WantCode(k, 409, "stale")
		draft := p.note(obj{"plan": "P"})
		p.on(draft, "POST", path, obj{"reason": "x"}).WantCode(k, 409, "draft")
		rows := p.rows(n)
		n = p.do(n, "POST", path, obj{"reason": " The wrong client "})
		same(k, n, obj{
			"status": "entered_in_error", "is_draft": false, "entered_in_error_reason": "The wrong client", "entered_in_error_at": p.ago(0),
			"plan": "P", "version": 3, "versions": 1, "signed_at": p.ago(time.Minute),
		})
		same(k, n["appointment"].(obj), obj{"id": v["id"], "starts_at": v["starts_at"]})
		same(k, p.read(n), n)
		if p.noted(v) || !slices.Equal(p.rows(n), rows) {
			t.Error("noted, or a version was changed")
		}
		for _, c := range []string{path, "/amend"} {
			p.on(n, "POST", c, obj{"reason": "x"}).WantCode(k, 409, "entered_in_error")
		}
		same(k, p.read(n), n)
	})
}
