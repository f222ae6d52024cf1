package practice

import (
	"errors"
	"strings"
	"testing"

	"pazpaz/internal/model"
)

func TestOfTwoColumnsForOneFieldTheFirstFilledCounts(t *testing.T) {
	t.Parallel()
	table, err := readTable([]byte("first name,last name,phone,mobile\nNoa,Levi,03-555-0101,\nDan,Cohen,,052-555-0102\nEve,Katz,03-555-0103,052-555-0103\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []model.Text{"03-555-0101", "052-555-0102", "03-555-0103"} {
		if got := table.client(table.rows[i]).Phone; got != want {
			t.Errorf("row %d: phone %q, want %q", i, string(got), string(want))
		}
	}
}

func TestQuotationMarksLoseNoRow(t *testing.T) {
	t.Parallel()
	const head, rest = "first_name,last_name,notes\n", "Dan,Cohen,x\nEve,Katz,y\n"
	for cell, want := range map[string]string{
		`height 5'6"`:             `height 5'6"`,
		`calls himself "Bob" too`: `calls himself "Bob" too`,
		`"said ""hi"" to me"`:     `said "hi" to me`,
	} {
		table, err := readTable([]byte(head + "Noa,Levi," + cell + "\n" + rest))
		if err != nil || len(table.rows) != 3 {
			t.Errorf("%s: %d rows, %v", cell, len(table.rows), err)
			continue
		}
		if got := table.client(table.rows[0]).Notes; string(got) != want {
			t.Errorf("%s: read as %q", cell, string(got))
		}
	}
	for _, cell := range []string{`"Bob" said hi`, `"never closed`} {
		_, err := readTable([]byte(head + "Noa,Levi," + cell + "\n" + rest))
		e, ok := errors.AsType[*model.Error](err)
		if !ok || len(e.Fields) != 1 || !strings.Contains(e.Fields[0].Message, "Line 2") || strings.Contains(err.Error(), "Bob") {
			t.Errorf("%s: %v, want that line 2 is refused", cell, err)
		}
	}
}
