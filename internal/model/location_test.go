package model_test

import (
	"strings"
	"testing"

	"pazpaz/internal/model"
)

func TestLocationRules(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ק", 2000)
	for _, c := range []struct {
		name   string
		change func(*model.Location)
		wrong  string
	}{
		{"a clinic", func(*model.Location) {}, ""},
		{"a home", func(l *model.Location) { l.Type = "home" }, ""},
		{"online with an address", func(l *model.Location) { l.Type = "online" }, ""},
		{"online without", func(l *model.Location) { l.Type, l.Address = "online", "" }, ""},
		{"a clinic without address", func(l *model.Location) { l.Address = "" }, "address required"},
		{"a clinic with a blank address", func(l *model.Location) { l.Address = " \n" }, "address required"},
		{"a home without address", func(l *model.Location) { l.Type, l.Address = "home", "" }, "address required"},
		{"no type", func(l *model.Location) { l.Type = "" }, "location_type choice"},
		{"unknown type, no address", func(l *model.Location) { l.Type, l.Address = "park", "" }, "location_type choice"},
		{"type in capitals", func(l *model.Location) { l.Type = "Clinic" }, "location_type choice"},
		{"no name", func(l *model.Location) { l.Name = "  " }, "name required"},
		{"longest name", func(l *model.Location) { l.Name = model.Text(long[:2*255]) }, ""},
		{"longer name", func(l *model.Location) { l.Name = model.Text(long[:2*256]) }, "name too_long"},
		{"longest address", func(l *model.Location) { l.Address = model.Text(long[:2*1000]) }, ""},
		{"longer address", func(l *model.Location) { l.Address = model.Text(long[:2*1001]) }, "address too_long"},
		{"address of two lines", func(l *model.Location) { l.Address = "1 Main St\nHaifa" }, ""},
		{"address with NUL", func(l *model.Location) { l.Address = "a\x00" }, "address characters"},
		{"longest details", func(l *model.Location) { l.Details = model.Text(long) }, ""},
		{"longer details", func(l *model.Location) { l.Details = model.Text(long + "ק") }, "details too_long"},
		{"details with a bell", func(l *model.Location) { l.Details = "a\a" }, "details characters"},
	} {
		l := model.Location{Name: "Clinic", Type: "clinic", Address: "1 Main St"}
		c.change(&l)
		_, err := l.Normalize()
		if got := strings.Join(fields(err), ", "); got != c.wrong {
			t.Errorf("%s: %q, want %q", c.name, got, c.wrong)
		}
	}
}

func TestLocationIsTrimmedAndComposed(t *testing.T) {
	t.Parallel()
	l, err := model.Location{Name: " Cafe\u0301 ", Type: "home", Address: " רחוב הרצל 1 ", Details: "\tקוד 12\n"}.Normalize()
	if err != nil || l.Name != "Café" || l.Address != "רחוב הרצל 1" || l.Details != "קוד 12" {
		t.Errorf("kept as %q, %q and %q, %v", string(l.Name), string(l.Address), string(l.Details), err)
	}
}
