package api

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
)

// FuzzCursor checks that a cursor is refused, or means the place that we would
// write for it.
func FuzzCursor(f *testing.F) {
	at, id := time.Date(2026, 2, 2, 9, 0, 0, 123_000, time.UTC), uuid.MustParse("10000000-0000-0000-0000-000000000001")
	for _, seed := range []string{
		"", cursorOf(at, id), auditCursor(at, 7), id.String(), strings.ToUpper(id.String()), "{" + id.String() + "}", "urn:uuid:" + id.String(), uuid.Nil.String(),
		cursorOf(time.Time{}, uuid.Nil), cursorOf(at, id) + "=", cursorOf(at, id)[:30], "____________________________________________", "\x00", "../", "%",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		if place, err := placeOf(cursor); err != nil && model.KindOf(err) != model.Invalid {
			t.Fatalf("%q: %v", cursor, err)
		} else if place != nil {
			again, err := placeOf(cursorOf(place.At, place.ID))
			if err != nil || *again != *place {
				t.Fatalf("%q is %v, and written anew %v (%v)", cursor, place, again, err)
			}
		}
		if place, err := auditPlaceOf(cursor); err == nil && place != nil {
			again, err := auditPlaceOf(auditCursor(place.At, place.Seq))
			if err != nil || *again != *place {
				t.Fatalf("%q is %v, and written anew %v (%v)", cursor, place, again, err)
			}
		}
	})
}

// FuzzNulls checks that a field which may be left out or cleared is told apart
// from one that is there, and that nothing else is read as one of the three.
func FuzzNulls(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"text":null}`, `{"text":""}`, `{"text":"x","count":0}`, `{"count":null,"text":null}`, `{"text":[null]}`, `{"count":1.5}`, `{"count":1e400}`,
		`{"text":nul}`, `{"text":"\u0000"}`, `{"text":null,"text":"x"}`, `{"count":"1"}`, ` { "text" : null } `, `null`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var v struct {
			Text  optional[string] `json:"text"`
			Count optional[int]    `json:"count"`
		}
		if json.Unmarshal(body, &v, json.RejectUnknownMembers(true)) != nil {
			return
		}
		var loose map[string]any
		if err := json.Unmarshal(body, &loose); err != nil {
			t.Fatalf("%q was read, and is no object: %v", body, err)
		}
		text, there := loose["text"]
		if there != v.Text.Set || v.Text.or("old") != asText(text, there) {
			t.Fatalf("%q: text is %+v", body, v.Text)
		}
		count, there := loose["count"]
		if there != v.Count.Set || (count == nil && v.Count.Value != 0) {
			t.Fatalf("%q: count is %+v", body, v.Count)
		}
	})
}

func asText(v any, there bool) string {
	if !there {
		return "old"
	}
	text, _ := v.(string)
	return text
}

// FuzzUnguarded checks that headers are put only between the lines of an answer
// that the standard library has written by itself.
func FuzzUnguarded(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request", "HTTP/1.1 417 Expectation Failed\r\n\r\n",
		"HTTP/1.0 417 Expectation Failed\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.", "HTTP/1.1", "HTTP/1.1\r\n", "HTTP/1.1 \r\n", "",
		"HTTP/1.1\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nUnsupported transfer encoding",
		"HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nUnsupported transfer encoding",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kept := bytes.Clone(b)
		end := unguarded(b)
		if !bytes.Equal(kept, b) {
			t.Fatal("the answer was changed")
		}
		if end != 0 && (end > len(b) || !bytes.HasSuffix(b[:end], []byte("\r\n")) || !bytes.HasPrefix(b, []byte("HTTP/1."))) {
			t.Fatalf("%q: headers at %d", b, end)
		}
	})
}

// FuzzStream checks that no news can end its event or begin another.
func FuzzStream(f *testing.F) {
	for _, seed := range []string{"appointments", "", "a\nb", "a\r\nevent: signed_out\r\ndata: {}\r\n\r\n", "\x00\xff", "\u2028", `"`, "\r"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, noun []byte) {
		text := changeText(noun)
		lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
		if len(lines) != 2 || lines[0] != "event: change" || !strings.HasPrefix(lines[1], "data: {") || !strings.HasSuffix(text, "\n\n") {
			t.Fatalf("%q is sent as %q", noun, text)
		}
	})
}
