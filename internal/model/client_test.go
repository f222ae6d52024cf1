package model_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pazpaz/internal/model"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

var today = time.Date(2026, 2, 2, 11, 0, 0, 0, time.UTC)

// field is one free text of a client and its rule.
type field struct {
	name     string
	max      int
	required bool
	lines    bool
	of       func(*model.Client) *model.Text
}

var textFields = []field{
	{"first_name", 255, true, false, func(c *model.Client) *model.Text { return &c.FirstName }},
	{"last_name", 255, true, false, func(c *model.Client) *model.Text { return &c.LastName }},
	{"phone", 50, false, false, func(c *model.Client) *model.Text { return &c.Phone }},
	{"address", 1000, false, true, func(c *model.Client) *model.Text { return &c.Address }},
	{"emergency_contact_name", 255, false, false, func(c *model.Client) *model.Text { return &c.EmergencyName }},
	{"emergency_contact_phone", 50, false, false, func(c *model.Client) *model.Text { return &c.EmergencyPhone }},
	{"medical_history", 10_000, false, true, func(c *model.Client) *model.Text { return &c.MedicalHistory }},
	{"notes", 10_000, false, true, func(c *model.Client) *model.Text { return &c.Notes }},
}

func someone() model.Client {
	return model.Client{Contact: model.Contact{FirstName: "Dana", LastName: "Levi"}}
}

// with returns a client that is valid but for one field, normalized.
func (f field) with(v string) (string, error) {
	c := someone()
	*f.of(&c) = model.Text(v)
	c, err := c.Normalize(today)
	return string(*f.of(&c)), err
}

func TestTextLengths(t *testing.T) {
	t.Parallel()
	for _, f := range textFields {
		for name, letter := range map[string]string{"Latin": "a", "Hebrew": "ש", "emoji": "🙂", "accent written apart": "e\u0301"} {
			full := strings.Repeat(letter, f.max)
			if got, err := f.with(full); err != nil || got != norm.NFC.String(full) {
				t.Errorf("%s: %d characters (%s): %v", f.name, f.max, name, err)
			}
			if got, err := f.with("  " + full + "\u00a0 "); err != nil || got != norm.NFC.String(full) {
				t.Errorf("%s: %d characters (%s) between spaces: %v", f.name, f.max, name, err)
			}
			if _, err := f.with(full + letter); !slices.Equal(fields(err), []string{f.name + " too_long"}) {
				t.Errorf("%s: %d characters (%s): %v, want too_long", f.name, f.max+1, name, err)
			}
		}
		if _, err := f.with(strings.Repeat("a", 10*f.max)); !strings.Contains(fmt.Sprint(messages(err)), fmt.Sprint(f.max)) {
			t.Errorf("%s: the message does not say %d: %v", f.name, f.max, messages(err))
		}
	}
}

func messages(err error) []string {
	var all []string
	if e, ok := err.(*model.Error); ok {
		for _, f := range e.Fields {
			all = append(all, f.Message)
		}
	}
	return all
}

// Some of these are no white space to Unicode, but nobody sees them either.
var blanks = []string{"", " ", "\t\n\r", "\u00a0\u2003", "\u3000", "\u200b", "\u200f \u200e", "\ufeff", "\u2060\u00ad"}

func TestBlankTexts(t *testing.T) {
	t.Parallel()
	for _, f := range textFields {
		for _, blank := range blanks {
			got, err := f.with(blank)
			if f.required && !slices.Equal(fields(err), []string{f.name + " required"}) {
				t.Errorf("%s: %q: %v, want required", f.name, blank, err)
			}
			if !f.required && (err != nil || strings.TrimSpace(got) != got) {
				t.Errorf("%s: %q is kept as %q, %v", f.name, blank, got, err)
			}
		}
	}
}

func TestForbiddenCharacters(t *testing.T) {
	t.Parallel()
	bad := map[string]string{"NUL": "\x00", "NUL alone": "\x00", "broken UTF-8": "\xff", "half a letter": "\xd7", "surrogate": "\xed\xa0\x80"}
	for _, r := range "\x01\x07\x08\x0b\x0c\x1b\x1f\x7f\u0080\u0085\u009f" {
		bad[fmt.Sprintf("%U", r)] = string(r)
	}
	for _, f := range textFields {
		for name, c := range bad {
			if _, err := f.with("Da" + c + "na"); !slices.Equal(fields(err), []string{f.name + " characters"}) {
				t.Errorf("%s with %s: %v, want characters", f.name, name, err)
			}
		}
		for _, c := range []string{"\n", "\r\n", "\t"} {
			_, err := f.with("Da" + c + "na")
			if f.lines && err != nil {
				t.Errorf("%s with %q: %v", f.name, c, err)
			}
			if !f.lines && !slices.Equal(fields(err), []string{f.name + " characters"}) {
				t.Errorf("%s with %q: %v, want characters", f.name, c, err)
			}
		}
	}
}

// Overrides make a name read as another; they come along with copied numbers
// and are not worth a refusal. The plain marks of Hebrew text stay, and so do
// isolates where there are lines for them to end with.
func TestDirectionOverridesAreDropped(t *testing.T) {
	t.Parallel()
	for _, f := range textFields {
		for r := '\u2000'; r <= '\u2070'; r++ {
			if r == '\u2028' || r == '\u2029' {
				continue // line ends of a kind that nobody types
			}
			dropped := (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069' && !f.lines)
			want := "Da" + norm.NFC.String(string(r)) + "na"
			if dropped {
				want = "Dana"
			}
			if got, err := f.with("Da" + string(r) + "na"); err != nil || got != want {
				t.Errorf("%s: %U: kept as %q, %v", f.name, r, got, err)
			}
		}
		if got, err := f.with(" \u202a \u202d050\u202c "); err != nil || got != "050" {
			t.Errorf("%s: kept as %q, %v", f.name, got, err)
		}
		if _, err := f.with("\u202e\u202a"); f.required && !slices.Equal(fields(err), []string{f.name + " required"}) {
			t.Errorf("%s: nothing but overrides: %v", f.name, err)
		}
	}
}

func TestHarmlessCharacters(t *testing.T) {
	t.Parallel()
	for _, f := range textFields {
		for _, v := range []string{"O'Connor", "בן־דוד", "d'Été", "\u200eדן כהן", "👩‍👩‍👧", "<b>&\"'; drop table clients; --", "%_\\", "名前"} {
			if got, err := f.with(v); err != nil || got != v {
				t.Errorf("%s: %q is kept as %q, %v", f.name, v, got, err)
			}
		}
	}
}

func TestTextsAreComposedAndTrimmed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Jose\u0301":                   "José",
		"\u212bngstro\u0308m":          "Ångström",
		"ש\u05c1\u05b8":                "ש\u05b8\u05c1",
		"ﬁ":                            "ﬁ",
		" \u00a0\t Dana  Levi \u2003 ": "Dana  Levi",
	} {
		for _, f := range textFields {
			if got, err := f.with(in); err != nil || got != want {
				t.Errorf("%s: %q is kept as %q (%v), want %q", f.name, in, got, err, want)
			}
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 243) + "@example.com"
	for _, c := range []struct{ in, want, code string }{
		{"", "", ""},
		{"  ", "", ""},
		{"dana@example.com", "dana@example.com", ""},
		{"  dana@example.com ", "dana@example.com", ""},
		{"Dana.Levi+clinic@Mail.Example.co.il", "Dana.Levi+clinic@Mail.Example.co.il", ""},
		{"o'connor@example.com", "o'connor@example.com", ""},
		{"owner@localhost", "owner@localhost", ""},
		{"\u202adana@example.com\u202c", "dana@example.com", ""},
		{long, long, ""},
		{"a" + long, "", "too_long"},
		{"dana", "", "email"},
		{"dana@", "", "email"},
		{"@example.com", "", "email"},
		{"dana@example", "", "email"},
		{"dana@example.", "", "email"},
		{"dana@.com", "", "email"},
		{"dana@exa..mple.com", "", "email"},
		{".dana@example.com", "", "email"},
		{"dana levi@example.com", "", "email"},
		{"dana@example.com, noa@example.com", "", "email"},
		{"Dana <dana@example.com>", "", "email"},
		{"<dana@example.com>", "", "email"},
		{"dana@example.com (home)", "", "email"},
		{"dana@@example.com", "", "email"},
		{`"dana levi"@example.com`, "", "email"},
		{"mailto:dana@example.com", "", "email"},
		{"dana@example.com\nBcc: x@example.com", "", "characters"},
		{"dana\x00@example.com", "", "characters"},
	} {
		in := someone()
		in.Email = model.Text(c.in)
		out, err := in.Normalize(today)
		checkField(t, "email", c.in, c.want, c.code, string(out.Email), err)
		u, err := model.User{Email: model.Text(c.in), FullName: "Dana"}.Normalize()
		if c.in = strings.TrimSpace(c.in); c.in == "" {
			c.code = "required"
		}
		checkField(t, "email", c.in, strings.ToLower(c.want), c.code, string(u.Email), err)
	}
}

// Nobody need be able to send mail to a client; who signs in must get theirs.
func TestOnlyClientsMayHaveInternationalAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"דנה@example.com", "dana@דוגמה.example", "rené@example.com"} {
		c := someone()
		c.Email = model.Text(address)
		if got, err := c.Normalize(today); err != nil || string(got.Email) != address {
			t.Errorf("a client's %q is kept as %q, %v", address, string(got.Email), err)
		}
		_, err := model.User{Email: model.Text(address), FullName: "Dana"}.Normalize()
		if !slices.Equal(fields(err), []string{"email email"}) {
			t.Errorf("a user's %q: %v, want email", address, err)
		}
	}
}

// checkField wants got as the value, or exactly one refusal with the code.
func checkField(t *testing.T, name, in, want, code, got string, err error) {
	t.Helper()
	switch {
	case code == "" && (err != nil || got != want):
		t.Errorf("%s %q is kept as %q, %v; want %q", name, in, got, err, want)
	case code != "" && !slices.Equal(fields(err), []string{name + " " + code}):
		t.Errorf("%s %q: %v, want %s", name, in, err, code)
	}
}

func TestBirthDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want, code string }{
		{"", "", ""},
		{" ", "", ""},
		{"1980-05-06", "1980-05-06", ""},
		{" 1980-05-06\t", "1980-05-06", ""},
		{"2026-02-02", "2026-02-02", ""},
		{"2026-02-03", "", "future"},
		{"2027-01-01", "", "future"},
		{"9999-12-31", "", "future"},
		{"2024-02-29", "2024-02-29", ""},
		{"2000-02-29", "2000-02-29", ""},
		{"1900-02-29", "", "date"},
		{"2023-02-29", "", "date"},
		{"2025-02-30", "", "date"},
		{"1980-04-31", "", "date"},
		{"1980-13-01", "", "date"},
		{"1980-00-10", "", "date"},
		{"1980-01-00", "", "date"},
		{"1850-01-01", "1850-01-01", ""},
		{"1849-12-31", "", "date"},
		{"0000-01-01", "", "date"},
		{"-1980-01-01", "", "date"},
		{"80-05-06", "", "date"},
		{"1980-5-6", "", "date"},
		{"19800506", "", "date"},
		{"06/05/1980", "", "date"},
		{"1980/05/06", "", "date"},
		{"1980-05-06T00:00:00Z", "", "date"},
		{"12026-01-01", "", "date"},
		{"١٩٨٠-٠٥-٠٦", "", "date"},
		{"1980-05-06\x00", "", "date"},
		{"yesterday", "", "date"},
	} {
		in := someone()
		in.DateOfBirth = model.Text(c.in)
		out, err := in.Normalize(today)
		checkField(t, "date_of_birth", c.in, c.want, c.code, string(out.DateOfBirth), err)
	}
}

// The same instant is another day elsewhere: a birth is judged by the day
// where the practice is.
func TestBirthDateGoesByTheWorkspaceZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, now string
		last      string // the latest date that is not in the future
	}{
		{"UTC", "2026-02-02T22:30:00Z", "2026-02-02"},
		{"Asia/Jerusalem", "2026-02-02T21:59:59Z", "2026-02-02"},
		{"Asia/Jerusalem", "2026-02-02T22:00:00Z", "2026-02-03"},
		{"Asia/Jerusalem", "2026-07-01T20:59:59Z", "2026-07-01"},
		{"Asia/Jerusalem", "2026-07-01T21:00:00Z", "2026-07-02"},
		{"America/New_York", "2026-02-03T04:59:00Z", "2026-02-02"},
		{"Pacific/Kiritimati", "2026-02-02T10:00:00Z", "2026-02-03"},
		{"Pacific/Pago_Pago", "2026-02-02T10:59:00Z", "2026-02-01"},
		{"UTC", "2024-02-28T23:59:59Z", "2024-02-28"},
		{"UTC", "2024-02-29T00:00:00Z", "2024-02-29"},
		{"Asia/Jerusalem", "2023-12-31T22:00:00Z", "2024-01-01"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		day, err := model.Workspace{TimeZone: c.zone}.Today(now)
		if err != nil {
			t.Fatal(err)
		}
		in := someone()
		in.DateOfBirth = model.Text(c.last)
		if _, err := in.Normalize(day); err != nil {
			t.Errorf("%s at %s: born %s: %v", c.zone, c.now, c.last, err)
		}
		last, err := time.Parse(time.DateOnly, c.last)
		if err != nil {
			t.Fatal(err)
		}
		in.DateOfBirth = model.Text(last.AddDate(0, 0, 1).Format(time.DateOnly))
		if _, err := in.Normalize(day); !slices.Equal(fields(err), []string{"date_of_birth future"}) {
			t.Errorf("%s at %s: born the day after %s: %v, want future", c.zone, c.now, c.last, err)
		}
	}
}

func tags(n int) []model.Text {
	all := make([]model.Text, n)
	for i := range all {
		all[i] = model.Text(fmt.Sprintf("tag %d", i))
	}
	return all
}

func TestTags(t *testing.T) {
	t.Parallel()
	fifty, accents := model.Text(strings.Repeat("ש", 50)), model.Text(strings.Repeat("e\u0301", 50))
	for _, c := range []struct {
		name     string
		in, want []model.Text
		wrong    []string
	}{
		{"none", nil, nil, nil},
		{"an empty list", []model.Text{}, nil, nil},
		{"the order stays", []model.Text{"z", "a", "m"}, []model.Text{"z", "a", "m"}, nil},
		{"thirty", tags(30), tags(30), nil},
		{"thirty-one", tags(31), nil, []string{"tags too_many"}},
		{"thirty and one of them again", append(tags(30), "tag 7"), tags(30), nil},
		{"doubles in other clothes", []model.Text{" back ", "back", "Jos\u00e9", "Jose\u0301"}, []model.Text{"back", "José"}, nil},
		{"case tells tags apart", []model.Text{"Back", "back"}, []model.Text{"Back", "back"}, nil},
		{"fifty characters", []model.Text{fifty}, []model.Text{fifty}, nil},
		{"fifty accents", []model.Text{accents}, []model.Text{model.Text(strings.Repeat("é", 50))}, nil},
		{"fifty-one characters", []model.Text{fifty + "ש"}, nil, []string{"tags too_long"}},
		{"blank", []model.Text{"back", "  "}, nil, []string{"tags required"}},
		{"line break", []model.Text{"a\nb"}, nil, []string{"tags characters"}},
		{"NUL", []model.Text{"a\x00b"}, nil, []string{"tags characters"}},
		{"two wrong ones", []model.Text{"", fifty + "x"}, nil, []string{"tags required", "tags too_long"}},
	} {
		in := someone()
		in.Tags = c.in
		out, err := in.Normalize(today)
		if !slices.Equal(fields(err), c.wrong) {
			t.Errorf("%s: %v, want %v", c.name, err, c.wrong)
		}
		if c.wrong == nil && !slices.Equal(out.Tags, c.want) {
			t.Errorf("%s: kept %d tags, want %d", c.name, len(out.Tags), len(c.want))
		}
	}
}

func TestEveryWrongFieldIsNamedAndNoValueRepeated(t *testing.T) {
	t.Parallel()
	wrong := model.Text(strings.Repeat(marker, 1000))
	c := model.Client{Contact: model.Contact{
		FirstName: " ", LastName: wrong, Email: marker, Phone: wrong, DateOfBirth: marker, Address: wrong,
		EmergencyName: wrong, EmergencyPhone: wrong, Tags: []model.Text{wrong},
	}, History: model.History{MedicalHistory: wrong, Notes: marker + "\x00"}}
	_, err := c.Normalize(today)
	want := []string{
		"address too_long", "date_of_birth date", "email email", "emergency_contact_name too_long", "emergency_contact_phone too_long",
		"first_name required", "last_name too_long", "medical_history too_long", "notes characters", "phone too_long", "tags too_long",
	}
	got := fields(err)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("named %v, want %v", got, want)
	}
	for _, printed := range []string{err.Error(), fmt.Sprintf("%+v", *err.(*model.Error)), fmt.Sprint(messages(err))} {
		if strings.Contains(printed, marker) {
			t.Errorf("the error repeats the value: %.200s", printed)
		}
	}
	for _, m := range messages(err) {
		if !strings.HasSuffix(m, ".") || !utf8.ValidString(m) {
			t.Errorf("%q is no sentence", m)
		}
	}
}

func TestNormalizeLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	at := today.Add(-time.Hour)
	c := someone()
	c.ID, c.WorkspaceID, c.Consented, c.ArchivedAt, c.Version = uuid.Max, uuid.Max, true, &at, 7
	c.CreatedAt, c.UpdatedAt = at, today
	got, err := c.Normalize(today)
	if err != nil || !reflect.DeepEqual(got, c) {
		t.Fatalf("became %+v, %v", got, err)
	}
}

func TestFullName(t *testing.T) {
	t.Parallel()
	if got := (model.Contact{FirstName: "Dana", LastName: "בן־דוד"}).FullName(); got != "Dana בן־דוד" {
		t.Fatalf("got %q", string(got))
	}
}

func TestNormalizeProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := model.Client{}
		for _, f := range textFields {
			*f.of(&c) = model.Text(anyText().Draw(t, f.name))
		}
		c.Email = model.Text(rapid.SampledFrom([]string{"", " a@b.cc ", "É@É.CC", "E\u0301@b.cc", "a"}).Draw(t, "email"))
		c.DateOfBirth = model.Text(rapid.SampledFrom([]string{"", " 1980-05-06 ", "2026-02-02", "2026-02-03"}).Draw(t, "birth"))
		c.Tags = rapid.SliceOfN(rapid.Map(anyText(), func(s string) model.Text { return model.Text(s) }), 0, 4).Draw(t, "tags")
		checkNormalize(t, c)
	})
}

// checkNormalize holds for every client: what passes is clean, and passes
// again unchanged.
func checkNormalize(t failer, c model.Client) {
	once, err := c.Normalize(today)
	if err != nil {
		if len(fields(err)) == 0 {
			t.Fatalf("refused without a field: %v", err)
		}
		return
	}
	if twice, err := once.Normalize(today); err != nil || !reflect.DeepEqual(twice, once) {
		t.Fatalf("not the same the second time: %v", err)
	}
	for _, f := range textFields {
		s := string(*f.of(&once))
		if !norm.NFC.IsNormalString(s) || strings.TrimSpace(s) != s || strings.Contains(s, "\x00") || utf8.RuneCountInString(s) > f.max {
			t.Fatalf("%s is kept as %q", f.name, s)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("Dana", "Levi", "dana@example.com", "+972 50", "1980-05-06", "notes\nand more", "back")
	f.Add(" ", "\u202e", "a@b@c", "\x00", "2023-02-29", "\xff", "\u200b")
	f.Add("e\u0301", "ﬁ", "É@é.il", "٠", "0001-01-01", " \u0301", "\u0301")
	f.Fuzz(func(t *testing.T, first, last, email, phone, birth, notes, tag string) {
		checkNormalize(t, model.Client{
			Contact: model.Contact{
				FirstName: model.Text(first), LastName: model.Text(last), Email: model.Text(email), Phone: model.Text(phone),
				DateOfBirth: model.Text(birth), Address: model.Text(notes), Tags: []model.Text{model.Text(tag), "other"},
			},
			History: model.History{MedicalHistory: model.Text(notes), Notes: model.Text(notes + tag)},
		})
	})
}
