package api

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"pazpaz/internal/model"
)

// fuzzMarker stands for what a person typed; no refusal may repeat it.
const fuzzMarker = "Zzmarker"

// read decodes a body as a handler would.
func read(body []byte, v any) error {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	_, err := decode(context.WithValue(r.Context(), requestKey{}, &request{r: r}), v)
	return err
}

// depth is how deep JSON nests, by another parser than ours.
func depth(body []byte) int {
	dec := stdjson.NewDecoder(bytes.NewReader(body))
	now, most := 0, 0
	for {
		token, err := dec.Token()
		if err != nil {
			return most
		}
		switch token {
		case stdjson.Delim('{'), stdjson.Delim('['):
			now++
			most = max(most, now)
		case stdjson.Delim('}'), stdjson.Delim(']'):
			now--
		}
	}
}

// FuzzDecode puts a marker between two pieces of a body and checks that what
// is accepted is plain JSON, an object and not deep, and that what is refused
// is refused with a known kind and without the marker.
func FuzzDecode(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"first_name":"`, `","last_name":"b"}`}, {`{"first_name":"a","last_name":"b","tags":["`, `"]}`}, {`{"name":"`, `","version":1}`},
		{`{"notes":null,"`, `":1}`}, {`{"`, `":{}}`}, {`"`, `"`}, {``, ``}, {`[`, `]`}, {`{"first_name":"`, "\x00\"}"}, {`{"first_name":"`, `\ud800"}`},
		{"{\"first_name\":\"\xff", `"}`}, {`{"first_name":"a","first_name":"`, `"}`}, {`{"version":1e400,"first_name":"`, `"}`},
		{`{"first_name":` + strings.Repeat("[", 31) + `"`, `"` + strings.Repeat("]", 31) + `}`}, {strings.Repeat(`{"a":`, 40) + `"`, `"` + strings.Repeat("}", 40)},
		{"\ufeff{\"first_name\":\"", "\"}"}, {`{"tags":[["`, `"]]}`}, {`{"first_name":"\"[[[{{{`, `\\"}`}, {`{"time_zone":"`, `"} {}`}, {`null`, ``}, {`{"version":"`, `"}`},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, before, after []byte) {
		body := bytes.Join([][]byte{before, after}, []byte(fuzzMarker))
		for _, v := range []any{&clientIn{}, &clientChange{}, &workspaceIn{}, &setupIn{}, &consentIn{}} {
			err := read(body, v)
			if err != nil {
				refused(t, body, err)
				continue
			}
			if !utf8.Valid(body) || !stdjson.Valid(body) || bytes.TrimSpace(body)[0] != '{' || depth(body) > maxDepth {
				t.Fatalf("%T accepts %q", v, body)
			}
		}
	})
}

func refused(t *testing.T, body []byte, err error) {
	t.Helper()
	switch model.KindOf(err) {
	case model.Malformed, model.Invalid, model.TooLarge:
	default:
		t.Fatalf("%q is refused with %v, which has another kind", body, err)
	}
	a := &API{}
	p, jerr := stdjson.Marshal(a.problemOf(&request{}, err))
	if jerr != nil {
		t.Fatal(jerr)
	}
	if strings.Contains(string(p)+err.Error(), fuzzMarker) {
		t.Fatalf("%q is echoed: %s, %v", body, p, err)
	}
}

// FuzzDepth checks that the count of brackets agrees with a parser's.
func FuzzDepth(f *testing.F) {
	for _, seed := range []string{
		strings.Repeat("[", 32) + strings.Repeat("]", 32), strings.Repeat("[", 33) + strings.Repeat("]", 33), `{"a":"[[[\"[[[["}`, `"\\"`, `["\\",[{}]]`, `{"\"":[]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if stdjson.Valid(body) && tooDeep(body) != (depth(body) > maxDepth) {
			t.Fatalf("%q nests %d deep", body, depth(body))
		}
	})
}
