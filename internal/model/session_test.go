package model_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// noon is now in the tests of notes.
var noon = time.Date(2026, 2, 2, 12, 0, 0, 0, time.UTC)

func minutes(n int) *int { return &n }

// fieldsOf are the refused fields of an error, as "name code".
func fieldsOf(err error) []string {
	var all []string
	if e, ok := err.(*model.Error); ok {
		for _, f := range e.Fields {
			all = append(all, f.Name+" "+f.Code)
		}
	}
	return all
}

func TestSessionContentIsJudged(t *testing.T) {
	t.Parallel()
	full := model.Text(strings.Repeat("ש", model.MaxSection))
	for _, c := range []struct {
		name string
		in   model.SessionContent
		want []string
	}{
		{"nothing but a date", model.SessionContent{SessionDate: noon}, nil},
		{"everything at its limit", model.SessionContent{Sections: model.Sections{Subjective: full, Objective: full, Assessment: full, Plan: full}, SessionDate: noon.Add(5 * time.Minute), Minutes: minutes(480)}, nil},
		{"no minutes at all", model.SessionContent{SessionDate: noon, Minutes: minutes(0)}, nil},
		{"the first of times", model.SessionContent{SessionDate: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
		{"no date", model.SessionContent{}, []string{"session_date required"}},
		{"too old", model.SessionContent{SessionDate: time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)}, []string{"session_date range"}},
		{"in the future", model.SessionContent{SessionDate: noon.Add(5*time.Minute + time.Microsecond)}, []string{"session_date future"}},
		{"too long a visit", model.SessionContent{SessionDate: noon, Minutes: minutes(481)}, []string{"duration_minutes range"}},
		{"less than none", model.SessionContent{SessionDate: noon, Minutes: minutes(-1)}, []string{"duration_minutes range"}},
		{"too long, in order", model.SessionContent{Sections: model.Sections{Subjective: full + "x", Objective: "\x00", Assessment: "\x1b", Plan: full + "x"}, SessionDate: noon},
			[]string{"subjective too_long", "objective characters", "assessment characters", "plan too_long"}},
	} {
		got, err := c.in.Normalize(noon)
		if !slices.Equal(fieldsOf(err), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err == nil {
			if again, err := got.Normalize(noon); err != nil || len(again.Changed(got)) != 0 {
				t.Errorf("%s: not the same when judged again: %v", c.name, err)
			}
		}
	}
}

func TestSessionTimesAreInMicroseconds(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 7200)
	got, err := model.SessionContent{SessionDate: noon.In(zone).Add(-time.Hour + 999*time.Nanosecond)}.Normalize(noon)
	if err != nil || got.SessionDate != noon.Add(-time.Hour) {
		t.Errorf("%v, %v", got.SessionDate, err)
	}
}

func TestNewSessionTakesItsDefaults(t *testing.T) {
	t.Parallel()
	visit := func(starts time.Duration, long time.Duration) *model.VisitFacts {
		return &model.VisitFacts{StartsAt: noon.Add(starts), EndsAt: noon.Add(starts + long)}
	}
	at := noon.Add(-72 * time.Hour)
	for _, c := range []struct {
		name    string
		in      model.NewSession
		visit   *model.VisitFacts
		date    time.Time
		minutes *int
	}{
		{"nothing known", model.NewSession{}, nil, noon, nil},
		{"what was said", model.NewSession{SessionDate: &at, Minutes: minutes(3)}, nil, at, minutes(3)},
		{"a visit that has been", model.NewSession{}, visit(-2*time.Hour, 50*time.Minute), noon.Add(-2 * time.Hour), minutes(50)},
		{"a visit to come", model.NewSession{}, visit(time.Hour, 50*time.Minute), noon, minutes(50)},
		{"a visit of all day", model.NewSession{}, visit(-20*time.Hour, 20*time.Hour), noon.Add(-20 * time.Hour), minutes(480)},
		{"a visit, and what was said", model.NewSession{SessionDate: &at, Minutes: minutes(0)}, visit(-2*time.Hour, time.Hour), at, minutes(0)},
	} {
		got := c.in.Content(c.visit, noon)
		if want := (model.SessionContent{SessionDate: c.date, Minutes: c.minutes}); len(got.Changed(want)) != 0 {
			t.Errorf("%s: %v, differs in %v", c.name, got, got.Changed(want))
		}
	}
}

func TestChangedNamesWhatDiffers(t *testing.T) {
	t.Parallel()
	base := model.SessionContent{Sections: model.Sections{Subjective: "s", Plan: "p"}, SessionDate: noon, Minutes: minutes(5)}
	for _, c := range []struct {
		name   string
		change func(*model.SessionContent)
		want   string
	}{
		{"nothing", func(*model.SessionContent) {}, ""},
		{"the same number elsewhere", func(c *model.SessionContent) { c.Minutes = minutes(5) }, ""},
		{"the same time in another zone", func(c *model.SessionContent) { c.SessionDate = noon.In(time.FixedZone("", 3600)) }, ""},
		{"marks alone", func(c *model.SessionContent) { c.Copied = []model.CopiedLines{{Section: "plan", Lines: []int{1}}} }, ""},
		{"a section", func(c *model.SessionContent) { c.Objective = "o" }, "objective"},
		{"all", func(c *model.SessionContent) {
			*c = model.SessionContent{Sections: model.Sections{Objective: "o", Assessment: "a"}, SessionDate: noon.Add(1)}
		}, "subjective objective assessment plan session_date duration_minutes"},
		{"minutes", func(c *model.SessionContent) { c.Minutes = nil }, "duration_minutes"},
	} {
		next := base
		c.change(&next)
		if got := strings.Join(next.Changed(base), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhatCanBeSigned(t *testing.T) {
	t.Parallel()
	for text, ok := range map[model.Text]bool{"": false, " \n\t": false, "\u200b\u200f\ufeff": false, ".": true, "כ": true, "😀": true} {
		for _, name := range model.SectionNames {
			var c model.SessionContent
			*c.Section(name) = text
			if err := c.Signable(); (err == nil) != ok {
				t.Errorf("%s %q: %v", name, string(text), err)
			}
		}
	}
	if (&model.Sections{}).Section("nose") != nil {
		t.Error("there is a section called nose")
	}
}

func TestWhatIsAnAmendment(t *testing.T) {
	t.Parallel()
	base := model.SessionContent{Sections: model.Sections{Plan: "p"}, SessionDate: noon}
	other, empty, dated := base, base, base
	other.Plan, empty.Plan, dated.SessionDate = "q", " ", noon.Add(-time.Hour)
	for name, c := range map[string]struct {
		next model.SessionContent
		want []string
	}{
		"the same": {base, []string{"sections unchanged"}}, "other words": {other, nil}, "none": {empty, []string{"sections empty"}}, "another date": {dated, nil},
	} {
		if got := fieldsOf(c.next.Amends(base)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestStatesOfANote(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, draft, signed string
		active                bool
	}{
		{model.SessionDraft, "", "draft", true},
		{model.SessionSigned, "signed", "", true},
		{model.SessionEnteredInError, "entered_in_error", "entered_in_error", false},
	} {
		s := model.Session{Status: c.status, Version: 3}
		for name, got := range map[string]error{c.draft: s.IsDraft(), c.signed: s.IsSigned()} {
			if model.CodeOf(got) != name {
				t.Errorf("%s: %v, want %q", c.status, got, name)
			}
			if e, ok := got.(*model.Error); ok && (e.Kind != model.Conflict || e.Current.(model.Session).Version != 3) {
				t.Errorf("%s: %+v", c.status, e)
			}
		}
		if s.Active() != c.active {
			t.Errorf("%s: active %v", c.status, s.Active())
		}
		s.DeletedAt = &noon
		if s.Active() {
			t.Errorf("%s: active in the trash", c.status)
		}
	}
}

func TestWhoWroteIt(t *testing.T) {
	t.Parallel()
	me := uuid.New()
	s := model.Session{AuthorID: me, Version: 2}
	if s.WrittenBy(me) != nil || model.KindOf(s.WrittenBy(uuid.New())) != model.Denied || model.KindOf(s.WrittenBy(uuid.Nil)) != model.Denied {
		t.Error("others may write")
	}
	for version, code := range map[int64]string{1: "stale", 2: "", 3: "stale", 0: "stale"} {
		if got := model.CodeOf(s.Seen(version)); got != code {
			t.Errorf("version %d: %q", version, got)
		}
	}
}

func TestThirtyDaysInTheTrash(t *testing.T) {
	t.Parallel()
	gone := noon
	for _, c := range []struct {
		deleted *time.Time
		now     time.Time
		kind    model.Kind
	}{
		{nil, noon, model.NotFound}, {&gone, noon, 0}, {&gone, noon.Add(30 * 24 * time.Hour), 0},
		{&gone, noon.Add(30*24*time.Hour + time.Microsecond), model.Gone},
	} {
		s := model.Session{DeletedAt: c.deleted}
		if got := model.KindOf(s.Restorable(c.now)); got != c.kind {
			t.Errorf("%v: %d, want %d", c.now, got, c.kind)
		}
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want string
		required bool
		bad      string
	}{
		{" why \n", "why", true, ""}, {"", "", false, ""}, {" ", "", true, "reason required"}, {"\u200b", "\u200b", true, "reason required"},
		{strings.Repeat("ש", 500), strings.Repeat("ש", 500), true, ""}, {strings.Repeat("ש", 501), "", false, "reason too_long"}, {"a\x00", "", false, "reason characters"},
	} {
		got, err := model.CleanReason(model.Text(c.in), c.required)
		if strings.Join(fieldsOf(err), ",") != c.bad || (err == nil && string(got) != c.want) {
			t.Errorf("%q: %q, %v", c.in, string(got), err)
		}
	}
}
