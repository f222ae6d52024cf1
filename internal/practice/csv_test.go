package practice

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pazpaz/internal/model"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"
)

// read returns the clients of a file, or how it was refused.
func read(file string) ([]model.Client, string) {
	t, err := readTable([]byte(file))
	if err != nil {
		e, ok := errors.AsType[*model.Error](err)
		if !ok || e.Kind != model.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "file" {
			return nil, err.Error()
		}
		return nil, e.Fields[0].Code
	}
	var all []model.Client
	for _, row := range t.rows {
		all = append(all, t.client(row))
	}
	return all, ""
}

// fieldsOf maps the columns of an export to what a client has in them.
func fieldsOf(c model.Client) map[string]string {
	all := map[string]string{}
	for _, col := range columns {
		if v := string(*col.get(&c)); v != "" {
			all[col.name] = v
		}
	}
	if len(c.Tags) > 0 {
		all["tags"] = fmt.Sprintf("%q", stringsOf(c.Tags))
	}
	return all
}

func stringsOf(tags []model.Text) []string {
	all := make([]string, len(tags))
	for i, t := range tags {
		all[i] = string(t)
	}
	return all
}

func TestHeaderNames(t *testing.T) {
	t.Parallel()
	for name, others := range map[string][]string{
		"first_name":              {"first_name", "First Name", " FIRSTNAME ", "given name", "שם פרטי", "שם"},
		"last_name":               {"last_name", "Last_Name", "surname", "Family name", "שם משפחה", "משפחה"},
		"email":                   {"email", "E-Mail", "email address", "אימייל", "דואר אלקטרוני", "מייל"},
		"phone":                   {"phone", "Mobile", "mobile phone", "Tel", "טלפון", "נייד", "טלפון נייד"},
		"date_of_birth":           {"date_of_birth", "Date of birth", "DOB", "birthday", "תאריך לידה"},
		"address":                 {"address", "Street Address", "כתובת"},
		"emergency_contact_name":  {"emergency_contact_name", "emergency contact", "איש קשר לחירום"},
		"emergency_contact_phone": {"emergency_contact_phone", "emergency phone", "טלפון לחירום"},
		"medical_history":         {"medical_history", "Medical History", "היסטוריה רפואית", "רקע רפואי"},
		"notes":                   {"notes", "Comments", "remarks", "הערות"},
	} {
		for _, other := range others {
			if c := findColumn(other); c == nil || c.name != name {
				t.Errorf("%q is not read as %s", other, name)
			}
		}
	}
	for _, other := range []string{"", "id", "name", "consent_status", "is_active", "created_at", "first", "firstname2"} {
		if c := findColumn(other); c != nil {
			t.Errorf("%q is read as %s", other, c.name)
		}
	}
}

func TestTablesOfAllKinds(t *testing.T) {
	t.Parallel()
	const he = "שם פרטי;שם משפחה;טלפון;תאריך לידה;תגיות\r\nדנה;כהן;050-1234567;31/12/1980;גב, צוואר\r\n"
	noa := map[string]string{"first_name": "Noa", "last_name": "Levi"}
	dana := map[string]string{"first_name": "דנה", "last_name": "כהן", "phone": "050-1234567", "date_of_birth": "1980-12-31", "tags": `["גב" "צוואר"]`}
	for _, c := range []struct {
		name, file string
		want       []map[string]string
	}{
		{"commas", "first_name,last_name\nNoa,Levi\n", []map[string]string{noa}},
		{"semicolons", "first_name;last_name\nNoa;Levi\n", []map[string]string{noa}},
		{"tabs", "first_name\tlast_name\nNoa\tLevi\n", []map[string]string{noa}},
		{"no line end", "first_name,last_name\nNoa,Levi", []map[string]string{noa}},
		{"CRLF", "first_name,last_name\r\nNoa,Levi\r\n", []map[string]string{noa}},
		{"byte order mark", byteOrderMark + "first_name,last_name\nNoa,Levi\n", []map[string]string{noa}},
		{"byte order mark and quotes", byteOrderMark + `"first_name","last_name"` + "\n" + `"Noa","Levi"`, []map[string]string{noa}},
		{"Hebrew", he, []map[string]string{dana}},
		{"Windows-1255", encoded(t, he), []map[string]string{dana}},
		{"UTF-16 little endian", inUTF16(he, false), []map[string]string{dana}},
		{"UTF-16 big endian", inUTF16(he, true), []map[string]string{dana}},
		{"columns in another order", "notes,Surname,Given name\nx,Levi,Noa\n", []map[string]string{{"first_name": "Noa", "last_name": "Levi", "notes": "x"}}},
		{"a header alone", "first_name,last_name\n", nil},
		{"short rows", "first_name,last_name,phone\nNoa\nNoa,Levi\n", []map[string]string{{"first_name": "Noa"}, noa}},
		{"long rows", "first_name,last_name\nNoa,Levi,surplus,more\n", []map[string]string{noa}},
		{"empty rows", "first_name,last_name\n\n,\n \t, \nNoa,Levi\n\n", []map[string]string{noa}},
		{"unknown columns", "id,first_name,colour,last_name\n7,Noa,red,Levi\n", []map[string]string{noa}},
		{"the separator inside quotes", "first_name,last_name\n\"Noa, dear\",\"Levi \"\"the\"\" Great\"\n", []map[string]string{{"first_name": "Noa, dear", "last_name": `Levi "the" Great`}}},
		{"a cell of several lines", "first_name,last_name,notes\r\nNoa,Levi,\"one\r\ntwo\"\r\nNoa,Levi,\r\n", []map[string]string{{"first_name": "Noa", "last_name": "Levi", "notes": "one\ntwo"}, noa}},
		{"a loose quote", "first_name,last_name\nNoa,Ha\"Levi\n", []map[string]string{{"first_name": "Noa", "last_name": `Ha"Levi`}}},
		{"a guarded formula", "first_name,last_name\n'=1+1,'@x\n", []map[string]string{{"first_name": "=1+1", "last_name": "@x"}}},
		{"an apostrophe of its own", "first_name,last_name\n'Abd,d'Or\n", []map[string]string{{"first_name": "'Abd", "last_name": "d'Or"}}},
	} {
		got, refused := read(c.file)
		if refused != "" {
			t.Errorf("%s: refused as %s", c.name, refused)
			continue
		}
		if !slices.EqualFunc(got, c.want, func(c model.Client, want map[string]string) bool { return maps.Equal(fieldsOf(c), want) }) {
			t.Errorf("%s: read %d clients, want %v", c.name, len(got), c.want)
			for _, g := range got {
				t.Log(fieldsOf(g))
			}
		}
	}
}

func encoded(t *testing.T, s string) string {
	t.Helper()
	out, err := charmap.Windows1255.NewEncoder().String(s)
	if err != nil || utf8.ValidString(out) {
		t.Fatalf("no Windows-1255 that differs from UTF-8: %v", err)
	}
	return out
}

func inUTF16(s string, big bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(byteOrderMark + s)) {
		pair := []byte{byte(u), byte(u >> 8)}
		if big {
			slices.Reverse(pair)
		}
		b.Write(pair)
	}
	return b.String()
}

func TestFilesThatAreNoTablesOfClients(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, code string }{
		{"nothing", "", "empty"},
		{"only a byte order mark", byteOrderMark, "empty"},
		{"only line ends", "\n\r\n\n", "empty"},
		{"no header", "Noa,Levi\nDana,Cohen\n", "header"},
		{"no last name", "first_name,phone\nNoa,1\n", "header"},
		{"no first name", "last_name,phone\nLevi,1\n", "header"},
		{"a web page", "<!doctype html><p>first_name</p>", "header"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe\xfd\xfc\xdb\xd9", "encoding"},
		{"a workbook", "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xff\xdb", "encoding"},
		{"another separator", "first_name:last_name\nNoa:Levi\n", "header"},
	} {
		if got, code := read(c.file); code != c.code {
			t.Errorf("%s: %q and %d clients, want %s", c.name, code, len(got), c.code)
		}
	}
}

func TestRowsAreNumberedAsInASpreadsheet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		want       []int
	}{
		{"one after the other", "first_name,last_name\na,b\nc,d\n", []int{2, 3}},
		{"rows without content count", "first_name,last_name\n,\na,b\n,,\nc,d\n", []int{3, 5}},
		{"empty lines count", "first_name,last_name\n\na,b\n\n\nc,d\n", []int{3, 6}},
		{"cells of several lines do not", "first_name,last_name\n\"a\nb\nc\",d\ne,\"f\n\"\ng,h\n", []int{2, 3, 4}},
		{"all of it", "first_name,\"last_name\"\r\n\r\n\"a\r\nb\",c\r\n,\r\n\r\nd,e\r\n", []int{3, 6}},
		{"a header of two lines", "first_name,last_name,\"a\nb\"\nc,d\n", []int{2}},
	} {
		table, err := readTable([]byte(c.file))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []int
		for _, row := range table.rows {
			got = append(got, row.number)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: numbered %v, want %v", c.name, got, c.want)
		}
	}
}

func TestUnknownColumnsAreReported(t *testing.T) {
	t.Parallel()
	table, err := readTable([]byte("id,first_name,colour,last_name,,tags,תגיות\n"))
	if err != nil || !slices.Equal(table.ignored, []int{1, 3, 5}) {
		t.Fatalf("ignored %v, %v", table.ignored, err)
	}
}

func TestRowsAreBounded(t *testing.T) {
	t.Parallel()
	head, row := "first_name,last_name\n", "a,b\n"
	if got, code := read(head + strings.Repeat(row+",\n", MaxImportRows)); code != "" || len(got) != MaxImportRows {
		t.Errorf("%d rows and as many empty ones: %d, %q", MaxImportRows, len(got), code)
	}
	if got, code := read(head + strings.Repeat(row, MaxImportRows+1)); code != "too_many" {
		t.Errorf("%d rows: %d, %q", MaxImportRows+1, len(got), code)
	}
}

func TestDatesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"31/12/1980": "1980-12-31", "1/2/1980": "1980-02-01", "31.12.1980": "1980-12-31", " 31/12/1980 ": "1980-12-31",
		"1980-12-31": "1980-12-31", "": "", "31/12/80": "31/12/80", "1980/12/31": "1980/12/31", "12-31-1980": "12-31-1980",
		"031/12/1980": "031/12/1980", "31/12": "31/12", "a/b/cdef": "cdef-0b-0a", "99/99/9999": "9999-99-99",
	} {
		if got := isoDate(model.Text(in)); string(got) != want {
			t.Errorf("%q is read as %q, want %q", in, string(got), want)
		}
	}
}

func TestTagsInACell(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"":                          nil,
		" ; , |":                    nil,
		"back":                      {"back"},
		"back;neck":                 {"back", "neck"},
		" back , neck |  old  ":     {"back", "neck", "old"},
		"lower back; ;neck;":        {"lower back", "neck"},
		`צה"ל; ד"ר לוי`:             {`צה"ל`, `ד"ר לוי`},
		`"a, b"; c`:                 {"a, b", "c"},
		`"a ""b"" c" ;d`:            {`a "b" c`, "d"},
		`"a" b; c`:                  {`"a" b`, "c"},
		`"a; b`:                     {`"a`, "b"},
		`""`:                        nil,
		"\"a;b\"\t|\n\"c|d\"":       {"a;b", "\"c", "d\""},
		strings.Repeat("a;", 100):   slices.Repeat([]string{"a"}, 100),
		strings.Repeat(`"";`, 1000): nil,
	} {
		if got := stringsOf(splitTags(in)); !slices.Equal(got, want) {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}

func TestTagsAreReadBack(t *testing.T) {
	t.Parallel()
	for _, tags := range [][]string{
		{"back", "neck"}, {"a;b", "c,d", "e|f"}, {`"quoted"`}, {`"quoted"`, "b"}, {`"a`, `b"`}, {`""`}, {`"`}, {`צה"ל`, `ד"ר; לוי`}, {`"a";"b"`}, {`a";"b`},
	} {
		all := make([]model.Text, len(tags))
		for i, tag := range tags {
			all[i] = model.Text(tag)
		}
		if got := stringsOf(splitTags(joinTags(all))); !slices.Equal(got, tags) {
			t.Errorf("%q is written as %q and read as %q", tags, joinTags(all), got)
		}
	}
}

// dangerous reports a cell that a spreadsheet may run. A plus sign before
// nothing but digits and spaces is a phone number.
func dangerous(cell string) bool {
	if cell == "" {
		return false
	}
	if cell[0] == '+' {
		return strings.Trim(cell[1:], "0123456789 ") != "" || len(cell) == 1
	}
	return strings.ContainsRune("=-@\t\r\n|%", rune(cell[0]))
}

func TestGuardedCells(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                    "",
		"Dana":                "Dana",
		"=1+1":                "'=1+1",
		"+1+1":                "'+1+1",
		"-1+1":                "'-1+1",
		"@SUM(A1)":            "'@SUM(A1)",
		"\t=1":                "'\t=1",
		"\r=1":                "'\r=1",
		"\n=1":                "'\n=1",
		"|calc":               "'|calc",
		"%0A":                 "'%0A",
		"'=1":                 "''=1",
		"'":                   "''",
		"+972 50 123 4567":    "+972 50 123 4567",
		"+972-50-123":         "'+972-50-123",
		"+":                   "'+",
		"050-1234567":         "050-1234567",
		"a=1":                 "a=1",
		" =1":                 " =1",
		"=cmd|' /C calc'!A0":  "'=cmd|' /C calc'!A0",
		"+1 cmd|' /C calc'!0": "'+1 cmd|' /C calc'!0",
	} {
		if got := guard(in); got != want {
			t.Errorf("%q is written as %q, want %q", in, got, want)
		}
		if got := unguard(want); got != in {
			t.Errorf("%q is read as %q, want %q", want, got, in)
		}
	}
}

// cellText starts often with what a spreadsheet would run.
func cellText() *rapid.Generator[string] {
	head := rapid.SampledFrom([]string{"", "", "=", "+", "-", "@", "\t", "\r", "'", "''", "'=", "+972 ", "\"", "|", "%", ";", ","})
	letters := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("ab1;,|\"'=+ -\n\tש")), rapid.Rune()))
	return rapid.Map(rapid.Custom(func(t *rapid.T) string { return head.Draw(t, "head") + letters.Draw(t, "rest") }), func(s string) string {
		return strings.ReplaceAll(s, "\r\n", "\n") // CSV does not tell the two line ends apart
	})
}

func TestGuardProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := cellText().Draw(t, "cell")
		if got := guard(s); dangerous(got) || unguard(got) != s {
			t.Fatalf("%q is written as %q and read as %q", s, got, unguard(got))
		}
	})
}

// What we export, we read back: every value, whatever is in it.
func TestExportedClientsAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var want model.Client
		for _, col := range columns {
			*col.get(&want) = model.Text(strings.ToValidUTF8(cellText().Draw(t, col.name), ""))
		}
		want.DateOfBirth = model.Text(rapid.SampledFrom([]string{"", "1980-12-31"}).Draw(t, "birth"))
		for _, tag := range rapid.SliceOfN(cellText(), 0, 4).Draw(t, "tags") {
			if tag = strings.TrimSpace(strings.ToValidUTF8(tag, "")); tag != "" {
				want.Tags = append(want.Tags, model.Text(tag))
			}
		}
		var file strings.Builder
		w := csv.NewWriter(&file)
		if err := errors.Join(writeHeader(w), writeClient(w, &want)); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		checkCells(t, file.String())
		if strings.TrimSpace(file.String()) == "" {
			t.Fatal("nothing was written")
		}
		got, refused := read(byteOrderMark + file.String())
		if refused != "" || len(got) != 1 || !maps.Equal(fieldsOf(got[0]), fieldsOf(want)) {
			t.Fatalf("read %q back as %v (%s), want %v", file.String(), got, refused, fieldsOf(want))
		}
	})
}

func checkCells(t *rapid.T, file string) {
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if i := slices.IndexFunc(row, dangerous); i >= 0 {
			t.Fatalf("a spreadsheet would run %q", row[i])
		}
	}
}

func TestExportHeader(t *testing.T) {
	t.Parallel()
	want := []string{
		"id", "first_name", "last_name", "email", "phone", "date_of_birth", "address", "emergency_contact_name",
		"emergency_contact_phone", "medical_history", "notes", "tags", "consent_status", "is_active", "created_at",
	}
	if got := header(); !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v", got)
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add([]byte("first_name,last_name\nNoa,Levi\n"))
	f.Add([]byte(byteOrderMark + "שם פרטי;שם משפחה;תגיות\r\n\r\n\"דנה\r\n\";כהן;\"a\"\"b\"\r\n"))
	f.Add([]byte("\xff\xfef\x00"))
	f.Add([]byte("first_name\tlast_name\ttags\n'=1\t\"x\t\"\"a;"))
	f.Add([]byte("first_name,last_name,dob\n\"\n\",,1/1/1980\n\n\"a"))
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := readTable(file)
		if err != nil {
			if model.KindOf(err) != model.Invalid {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		last := 1
		for _, row := range table.rows {
			if row.number <= last {
				t.Fatalf("row %d follows row %d", row.number, last)
			}
			last = row.number
			table.client(row)
		}
		if len(table.rows) > MaxImportRows {
			t.Fatalf("%d rows", len(table.rows))
		}
	})
}
