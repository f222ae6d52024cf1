package model_test

import (
	"strings"
	"testing"

	"pazpaz/internal/model"
)

func price(v int64) *int64 { return &v }

func TestServiceRules(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ק", 2000)
	for _, c := range []struct {
		name   string
		change func(*model.Service)
		wrong  string
	}{
		{"as it is", func(*model.Service) {}, ""},
		{"longest name", func(s *model.Service) { s.Name = model.Text(long[:2*255]) }, ""},
		{"longer name", func(s *model.Service) { s.Name = model.Text(long[:2*256]) }, "name too_long"},
		{"no name", func(s *model.Service) { s.Name = "" }, "name required"},
		{"blank name", func(s *model.Service) { s.Name = "\u00a0\t" }, "name required"},
		{"invisible name", func(s *model.Service) { s.Name = "\u200b\u200f" }, "name required"},
		{"name of two lines", func(s *model.Service) { s.Name = "a\nb" }, "name characters"},
		{"name with NUL", func(s *model.Service) { s.Name = "a\x00b" }, "name characters"},
		{"longest description", func(s *model.Service) { s.Description = model.Text(long) }, ""},
		{"longer description", func(s *model.Service) { s.Description = model.Text(long + "ק") }, "description too_long"},
		{"description of two lines", func(s *model.Service) { s.Description = "a\nb" }, ""},
		{"description with NUL", func(s *model.Service) { s.Description = "\x00" }, "description characters"},
		{"a minute", func(s *model.Service) { s.Minutes = 1 }, ""},
		{"a day", func(s *model.Service) { s.Minutes = 1440 }, ""},
		{"no time", func(s *model.Service) { s.Minutes = 0 }, "default_duration_minutes range"},
		{"less than no time", func(s *model.Service) { s.Minutes = -1 }, "default_duration_minutes range"},
		{"more than a day", func(s *model.Service) { s.Minutes = 1441 }, "default_duration_minutes range"},
		{"free of charge", func(s *model.Service) { s.Price = price(0) }, ""},
		{"highest price", func(s *model.Service) { s.Price = price(model.MaxPrice) }, ""},
		{"higher price", func(s *model.Service) { s.Price = price(model.MaxPrice + 1) }, "price range"},
		{"negative price", func(s *model.Service) { s.Price = price(-1) }, "price range"},
		{"longest buffers", func(s *model.Service) { s.BufferBefore, s.BufferAfter = 240, 240 }, ""},
		{"longer buffer before", func(s *model.Service) { s.BufferBefore = 241 }, "buffer_before_minutes range"},
		{"longer buffer after", func(s *model.Service) { s.BufferAfter = 241 }, "buffer_after_minutes range"},
		{"negative buffer before", func(s *model.Service) { s.BufferBefore = -1 }, "buffer_before_minutes range"},
		{"negative buffer after", func(s *model.Service) { s.BufferAfter = -1 }, "buffer_after_minutes range"},
		{"all wrong", func(s *model.Service) {
			*s = model.Service{Description: "\x00", Price: price(-1), BufferBefore: -1, BufferAfter: -1}
		}, "name required, description characters, default_duration_minutes range, buffer_before_minutes range, buffer_after_minutes range, price range"},
	} {
		s := model.Service{Name: "Massage", Minutes: 60}
		c.change(&s)
		_, err := s.Normalize()
		if got := strings.Join(fields(err), ", "); got != c.wrong {
			t.Errorf("%s: %q, want %q", c.name, got, c.wrong)
		}
	}
}

func TestServiceIsTrimmedAndComposed(t *testing.T) {
	t.Parallel()
	s, err := model.Service{Name: " Cafe\u0301 ", Description: "\u202aעם שמן\u202c\n", Minutes: 60}.Normalize()
	if err != nil || s.Name != "Café" || s.Description != "עם שמן" {
		t.Errorf("kept as %q and %q, %v", string(s.Name), string(s.Description), err)
	}
}

func TestAPriceHasTheCurrencyOfItsTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what       string
		before     *int64
		was        string
		now        *int64
		want       string
		workspaces string
	}{
		{"the first price", nil, "", price(100), "USD", "USD"},
		{"no price", nil, "", nil, "", "USD"},
		{"the same price", price(100), "ILS", price(100), "ILS", "USD"},
		{"another price", price(100), "ILS", price(101), "USD", "USD"},
		{"nothing instead of none", nil, "", price(0), "USD", "USD"},
		{"still nothing", price(0), "ILS", price(0), "ILS", "USD"},
		{"taken away", price(100), "ILS", nil, "", "USD"},
	} {
		got := model.Service{Price: c.now, Currency: c.was}.Priced(c.before, c.workspaces)
		if got.Currency != c.want || got.Price != c.now {
			t.Errorf("%s: %v %q, want %q", c.what, got.Price, got.Currency, c.want)
		}
	}
}
