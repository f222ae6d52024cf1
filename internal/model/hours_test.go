package model_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
)

func TestHoursText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]model.Hours{
		`{}`:                             {},
		`null`:                           {},
		`{"sunday":null,"monday":[]}`:    {},
		`{"sunday":[["09:00","17:00"]]}`: {time.Sunday: {{From: 540, To: 1020}}},
		`{"saturday":[["00:00","24:00"]],"tuesday":[["23:59","24:00"]]}`:                    {time.Saturday: {{From: 0, To: 1440}}, time.Tuesday: {{From: 1439, To: 1440}}},
		`{"friday":[["13:00","15:30"],["08:15","12:00"],["12:00","13:00"]]}`:                {time.Friday: {{From: 495, To: 720}, {From: 720, To: 780}, {From: 780, To: 930}}},
		`{"monday":[["10:00","11:00"]],"wednesday":[],"thursday":[["10:0` + `1","11:00"]]}`: {time.Monday: {{From: 600, To: 660}}, time.Thursday: {{From: 601, To: 660}}},
	} {
		got, err := model.ParseHours(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v (%v), want %v", text, got, err, want)
		}
		again, err := model.ParseHours(got.String())
		if err != nil || !reflect.DeepEqual(again, got) || again.String() != got.String() {
			t.Errorf("%s comes back as %v (%v)", got, again, err)
		}
		if len(got.Days()) != 7 || strings.Contains(got.String(), "null") {
			t.Errorf("%s does not say all days: %s", text, got)
		}
	}
	want := `{"friday":[],"monday":[],"saturday":[],"sunday":[["09:00","12:30"],["13:00","24:00"]],"thursday":[],"tuesday":[],"wednesday":[]}`
	if got := (model.Hours{time.Sunday: {{From: 540, To: 750}, {From: 780, To: 1440}}}).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHoursRefusals(t *testing.T) {
	t.Parallel()
	seven := strings.TrimSuffix(strings.Repeat(`["09:00","09:01"],`, 7), ",")
	var six []string
	for i := range 6 {
		six = append(six, fmt.Sprintf(`["%02d:00","%02d:30"]`, i, i))
	}
	if _, err := model.ParseHours(`{"monday":[` + strings.Join(six, ",") + `]}`); err != nil {
		t.Errorf("six spans: %v", err)
	}
	for code, texts := range map[string][]string{
		"hours": {
			``, `[]`, `"monday"`, `{"monday":[["09:00","17:00"]]} {}`, `{"Monday":[["09:00","17:00"]]}`, `{"funday":[]}`, `{"":[]}`, `{"monday":["09:00","17:00"]}`,
			`{"monday":[["09:00"]]}`, `{"monday":[["09:00","12:00","13:00"]]}`, `{"monday":[[]]}`, `{"monday":[null]}`, `{"monday":[["09:00",null]]}`, `{"monday":[[9,17]]}`,
			`{"monday":[["9:00","17:00"]]}`, `{"monday":[["09:00","17:60"]]}`, `{"monday":[["09:00","24:01"]]}`, `{"monday":[["09:00","25:00"]]}`, `{"monday":[["09:00","17:00:00"]]}`,
			`{"monday":[["17:00","09:00"]]}`, `{"monday":[["09:00","09:00"]]}`, `{"monday":[["24:00","24:00"]]}`, `{"monday":[["-1:00","09:00"]]}`, `{"monday":[["09:00","17:00\n"]]}`, `{"monday":[["٠٩:00","17:00"]]}`,
			`{"monday":[["22:00","02:00"]]}`,
		},
		"overlap":  {`{"monday":[["09:00","12:00"],["11:59","13:00"]]}`, `{"monday":[["11:59","13:00"],["09:00","12:00"]]}`, `{"monday":[["09:00","12:00"],["09:00","12:00"]]}`, `{"monday":[["09:00","17:00"],["10:00","11:00"]]}`},
		"too_many": {`{"monday":[` + seven + `]}`},
	} {
		for _, text := range texts {
			_, err := model.ParseHours(text)
			if model.KindOf(err) != model.Invalid || !strings.HasSuffix(err.Error(), "[working_hours "+code+"]") {
				t.Errorf("%s: %v, want code %s", text, err, code)
			}
		}
	}
}

func TestHoursOutsideTheDay(t *testing.T) {
	t.Parallel()
	for _, span := range []model.HourSpan{{-1, 60}, {0, 1441}, {60, 60}, {61, 60}, {0, 0}} {
		if _, err := (model.Hours{time.Friday: {span}}).Normalize(); model.KindOf(err) != model.Invalid {
			t.Errorf("%v: %v", span, err)
		}
	}
}

func TestNormalizeHoursKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	given := []model.HourSpan{{From: 600, To: 660}, {From: 540, To: 600}}
	h, err := model.Hours{time.Monday: given, time.Friday: {}}.Normalize()
	if err != nil || given[0].From != 600 || h[time.Monday][0].From != 540 {
		t.Errorf("given %v, made %v (%v)", given, h, err)
	}
}

func TestDefaultHours(t *testing.T) {
	t.Parallel()
	for weekStart, want := range map[string][7]bool{
		"sunday": {true, true, true, true, true, false, false}, "monday": {false, true, true, true, true, true, false},
		"saturday": {false, true, true, true, true, true, false}, "": {false, true, true, true, true, true, false},
	} {
		h := model.DefaultHours(weekStart)
		for day, works := range want {
			if works != (len(h[day]) == 1) || works && h[day][0] != (model.HourSpan{From: 540, To: 1020}) {
				t.Errorf("%q, %s: %v", weekStart, time.Weekday(day), h[day])
			}
		}
		if _, err := h.Normalize(); err != nil {
			t.Errorf("%q: %v", weekStart, err)
		}
	}
}

func TestWeekStartDay(t *testing.T) {
	t.Parallel()
	for weekStart, want := range map[string]time.Weekday{"sunday": time.Sunday, "monday": time.Monday, "saturday": time.Saturday, "": time.Monday} {
		if got := model.WeekStartDay(weekStart); got != want {
			t.Errorf("%q: %s", weekStart, got)
		}
	}
}
