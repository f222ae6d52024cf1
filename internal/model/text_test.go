package model_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
)

const marker = "Zipporah-4711"

func TestTextIsRedactedInEveryVerb(t *testing.T) {
	t.Parallel()
	for _, flags := range []string{"", "+", "#", "-", " ", "0", "40", ".3", "+40.2", "#-10"} {
		for _, verb := range "vsqxXdtcUbeEfFgGoO" {
			format := "%" + flags + string(verb)
			if got := fmt.Sprintf(format, model.Text(marker)); got != "[redacted]" {
				t.Errorf("%s prints %q", format, got)
			}
		}
	}
}

func TestTextIsRedactedWithoutAVerb(t *testing.T) {
	t.Parallel()
	text := model.Text(marker)
	surplus, args := "no verb here", []any{text}
	for name, got := range map[string]string{
		"Sprint":   fmt.Sprint("name ", text),
		"Sprintln": fmt.Sprintln("name", text),
		"surplus":  fmt.Sprintf(surplus, args...),
		"Errorf":   fmt.Errorf("name %v", text).Error(),
		"panic":    fmt.Sprint(recovered(func() { panic(fmt.Sprint(text)) })),
		"join":     fmt.Sprint([]model.Text{text, text}, map[model.Text]model.Text{text: text}, &struct{ Name model.Text }{text}),
	} {
		if strings.Contains(got, marker) || !strings.Contains(got, "[redacted]") {
			t.Errorf("%s prints %q", name, got)
		}
	}
}

func recovered(fn func()) (p any) {
	defer func() { p = recover() }()
	fn()
	return nil
}

func TestTextKeepsItsValueForThoseWhoAsk(t *testing.T) {
	t.Parallel()
	if got := string(model.Text(marker)); got != marker {
		t.Fatalf("converted to %q", got)
	}
}

// nouns are all records that hold personal data.
func nouns() []any {
	return []any{
		&model.Client{}, &model.Contact{}, &model.History{}, &model.Consent{}, &model.Workspace{}, &model.User{},
		&model.Duplicate{}, &model.ClientFilter{}, &model.Appointment{}, &model.Service{}, &model.Location{},
	}
}

func TestNounsDoNotPrintPersonalData(t *testing.T) {
	t.Parallel()
	for _, noun := range nouns() {
		texts := fillTexts(reflect.ValueOf(noun))
		value := reflect.ValueOf(noun).Elem().Interface()
		for _, v := range []any{value, noun, []any{value}, map[string]any{"k": value}, struct{ Inside any }{value}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				got := fmt.Sprintf(verb, v)
				if strings.Contains(got, marker) || strings.Contains(got, fmt.Sprintf("%x", marker)) {
					t.Errorf("%T prints its texts with %s: %s", noun, verb, got)
				}
			}
		}
		if texts == 0 && reflect.TypeOf(noun) != reflect.TypeFor[*model.Appointment]() {
			t.Errorf("%T was filled with nothing", noun)
		}
	}
}

// Both log formats of the product, with a record inside a record.
func TestLogsDoNotPrintPersonalData(t *testing.T) {
	t.Parallel()
	for _, noun := range nouns() {
		fillTexts(reflect.ValueOf(noun))
		value := reflect.ValueOf(noun).Elem().Interface()
		var out bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			log := slog.New(h)
			log.Info("message", "text", model.Text(marker), "value", value, "pointer", noun, "list", []any{value})
			log.With("with", value).WithGroup("g").Info("message", slog.Group("group", "inner", value))
			log.Info("message", "deep", struct{ Inside any }{noun})
		}
		if strings.Contains(out.String(), marker) {
			t.Errorf("%T is logged with its texts:\n%s", noun, out.String())
		}
		if !strings.Contains(out.String(), "text=[redacted]") || !strings.Contains(out.String(), `"text":"[redacted]"`) {
			t.Errorf("a text is not logged as redacted:\n%s", out.String())
		}
	}
}

// A payload that was made of a Text without saying so must fail, not carry
// the value and not carry the word [redacted] either.
func TestTextRefusesJSON(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(struct{ Name model.Text }{marker})
	if err == nil {
		t.Fatalf("it was written as %s", raw)
	}
	if strings.Contains(err.Error(), marker) {
		t.Fatalf("the error holds the value: %v", err)
	}
}

// fillTexts puts the marker into every Text below v and counts them.
func fillTexts(v reflect.Value) int {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		return 0
	case v.Type() == reflect.TypeFor[model.Text]():
		v.SetString(marker)
		return 1
	case v.Type() == reflect.TypeFor[[]model.Text]():
		v.Set(reflect.ValueOf([]model.Text{marker, marker}))
		return 2
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return fillTexts(v.Elem())
	case v.Kind() != reflect.Struct:
		return 0
	}
	n := 0
	for i := range v.NumField() {
		n += fillTexts(v.Field(i))
	}
	return n
}
