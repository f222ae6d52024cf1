package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// copies copies another note into a draft.
func (p *pen) copies(to, from obj, sections ...any) obj {
	p.T.Helper()
	body := obj{"from_session_id": from["id"]}
	if len(sections) > 0 {
		body["sections"] = sections
	}
	return p.do(to, "POST", "/copy", body)
}

// wantMarks fails when the marked lines of a section are others. want is
// "source:lines", in the order of copying.
func wantMarks(k *testkit.Kit, note obj, section string, want ...string) {
	k.T.Helper()
	got := []string{}
	for _, m := range note["copied"].(obj)[section].([]any) {
		got = append(got, fmt.Sprint(m.(obj)["from_session_id"], ":", m.(obj)["lines"]))
	}
	if !slices.Equal(got, want) {
		k.T.Errorf("%s is marked %q, want %q", section, got, want)
	}
}

func from(n obj, lines string) string { return fmt.Sprint(n["id"], ":", lines) }

func TestCopyFillsEmptySections(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		source := p.signed(obj{"subjective": "One\n\nThree", "plan": "Rest", "session_date": p.ago(time.Hour)})
		n := p.copies(p.note(nil), source)
		same(k, n, obj{"subjective": "One\n\nThree", "objective": nil, "assessment": nil, "plan": "Rest", "version": 2, "session_date": p.ago(0)})
		wantMarks(k, n, "subjective", from(source, "[1 3]"))
		wantMarks(k, n, "plan", from(source, "[1]"))
		wantMarks(k, n, "objective")
		same(k, p.read(n), n)
		same(k, p.read(source), source)
	})
}

func TestCopyAppendsToWrittenSections(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		source := p.note(obj{"plan": "Old a\nOld b"}) // a draft can be copied too
		n := p.copies(p.note(obj{"plan": "Mine\nalso"}), source)
		same(k, n, obj{"plan": "Mine\nalso\n\nOld a\nOld b"})
		wantMarks(k, n, "plan", from(source, "[4 5]"))
		other := p.signed(obj{"plan": "Third"})
		n = p.copies(n, other)
		n = p.copies(n, source)
		same(k, n, obj{"plan": "Mine\nalso\n\nOld a\nOld b\n\nThird\n\nOld a\nOld b"})
		wantMarks(k, n, "plan", from(source, "[4 5 9 10]"), from(other, "[7]"))
	})
}

func TestCopyOfSomeSections(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		source := p.signed(obj{"subjective": "S", "objective": "O", "assessment": "A", "plan": "P"})
		same(k, p.copies(p.note(nil), source, "plan", "objective"), obj{"subjective": nil, "objective": "O", "assessment": nil, "plan": "P"})
		n := p.note(obj{"plan": "Mine"})
		nothing := p.signed(obj{"subjective": "S"})
		same(k, p.copies(n, nothing, "plan"), n) // no change, no version
		for sections, want := range map[string]string{"nose": "choice", "": "choice"} {
			got := wrong(k, p.on(n, "POST", "/copy", obj{"from_session_id": source["id"], "sections": []any{sections}}))
			if !slices.Equal(got, []string{"body.sections " + want}) {
				t.Errorf("%q: %q", sections, got)
			}
		}
		if got := wrong(k, p.on(n, "POST", "/copy", obj{"from_session_id": source["id"], "sections": []any{}})); !slices.Equal(got, []string{"body.sections required"}) {
			t.Errorf("none: %q", got)
		}
	})
}

func TestCopiedMarksStandAsLongAsTheLine(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		source := p.signed(obj{"plan": "a\nb\nc", "objective": "x"})
		n := p.copies(p.note(nil), source)
		for _, c := range []struct{ plan, want string }{
			{"new\na\nb\nc", "[2 3 4]"},
			{"new\na\nB\nc", "[2 4]"},     // changed by hand
			{"new\na\nb\nc", "[2 4]"},     // typed again is not copied
			{"c\nnew\na", "[1 3]"},        // moved
			{"c\nc\nnew", "[1]"},          // one of them came from there
			{"mine", ""}, {"a\nb\nc", ""}, // all gone
		} {
			n = p.save(n, obj{"plan": c.plan})
			if c.want == "" {
				wantMarks(k, n, "plan")
			} else {
				wantMarks(k, n, "plan", from(source, c.want))
			}
			wantMarks(k, n, "objective", from(source, "[1]"))
			same(k, p.read(n), n)
		}
	})
}

func TestCopiedMarksAreSigned(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		source := p.signed(obj{"plan": "a\nb"})
		n := p.sign(p.copies(p.note(nil), source))
		n = p.amend(n, obj{"plan": "a\nmine"})
		wantMarks(k, n, "plan", from(source, "[1]"))
		all := p.versions(n)
		wantMarks(k, all[0], "plan", from(source, "[1]"))
		wantMarks(k, all[1], "plan", from(source, "[1 2]"))
	})
}

func TestCopyTakesWhatIsSignedLast(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		source := p.amend(p.signed(obj{"plan": "First"}), obj{"plan": "Second"})
		same(k, p.copies(p.note(nil), source), obj{"plan": "Second"})
	})
}

func TestCopyRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p, colleague := writes(k), as(k, k.Practitioner1)
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}}).ID.String()
		n := colleague.note(obj{"plan": strings.Repeat("x", 9_000)})
		gone := colleague.note(obj{"plan": "x"})
		colleague.remove(gone, nil).Want(k, 204)
		for id, want := range map[any]string{
			n["id"]:                          "unknown",
			gone["id"]:                       "unknown",
			p.signed(obj{"plan": "x"})["id"]: "unknown", // the owner's
			as(k, k.User2).note(obj{"client_id": k.Client2.ID.String(), "plan": "x"})["id"]: "unknown",
			"nonsense": "unknown", "20000000-0000-0000-0000-00000000ffff": "unknown",
			colleague.note(obj{"client_id": other, "plan": "x"})["id"]: "other_client",
			colleague.void(colleague.signed(obj{"plan": "x"}))["id"]:   "entered_in_error",
		} {
			if got := wrong(k, colleague.on(n, "POST", "/copy", obj{"from_session_id": id})); !slices.Equal(got, []string{"body.from_session_id " + want}) {
				t.Errorf("refused as %q, want %s", got, want)
			}
		}
		long := colleague.signed(obj{"plan": strings.Repeat("y", 1_000)})
		if got := wrong(k, colleague.on(n, "POST", "/copy", obj{"from_session_id": long["id"]})); !slices.Equal(got, []string{"body.plan too_long"}) {
			t.Errorf("too long: %q", got)
		}
		colleague.on(n, "POST", "/copy", obj{"from_session_id": long["id"], "version": 7}).WantCode(k, 409, "stale")
		if got := wrong(k, colleague.on(n, "POST", "/copy", obj{"from_session_id": long["id"], "version": 0})); !slices.Equal(got, []string{"body.version required"}) {
			t.Errorf("none: %q", got)
		}
		same(k, colleague.read(n), n)
	})
}
