package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"pazpaz/internal/model"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxJSON bounds a JSON body: the longest note there can be has 480 kB when
	// every character is escaped, twelve bytes for one beyond the basic plane.
	maxJSON = 512 << 10
	// maxOpen bounds what is read of somebody who is not signed in; the answer of
	// a passkey is the longest.
	maxOpen = 64 << 10
	// maxFile bounds an imported file.
	maxFile = 8 << 20
	// maxDepth bounds how deep a body may nest.
	maxDepth = 32
)

var (
	errMalformed = &model.Error{Kind: model.Malformed, Code: "malformed", Detail: "The body is not valid JSON."}
	errTooDeep   = &model.Error{Kind: model.Malformed, Code: "too_deep", Detail: "The body nests deeper than 32 levels."}
	errNoObject  = &model.Error{Kind: model.Invalid, Code: "invalid", Detail: "The body must be a JSON object."}
	errTooLarge  = &model.Error{Kind: model.TooLarge, Code: "too_large", Detail: "The body is larger than this address accepts."}
)

// readBody returns the whole body.
func readBody(ctx context.Context) ([]byte, error) {
	q := requestOf(ctx)
	if !q.taken {
		q.takeBody()
	}
	return q.body, q.bodyErr
}

// takeBody reads the whole body, before it is known whether anybody asks for it.
func (q *request) takeBody() {
	q.taken = true
	q.body, q.bodyErr = readAll(q.r.Body)
}

// readAll reads a body whose reader has its limit.
func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(r)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, &model.Error{Kind: model.Malformed, Code: "body_cut", Detail: "The body did not arrive whole."}
	}
	return body, nil
}

// decode reads the request's body into v and returns its bytes. Unknown and
// repeated names, broken UTF-8, lone surrogates and deep nesting are refused,
// and no message repeats what was sent.
func decode(ctx context.Context, v any) ([]byte, error) {
	body, err := readBody(ctx)
	if err != nil {
		return nil, err
	}
	if tooDeep(body) {
		return nil, errTooDeep
	}
	if err := json.Unmarshal(body, v, json.RejectUnknownMembers(true)); err != nil {
		return nil, decodeError(err, v)
	}
	if jsontext.Value(body).Kind() == 'n' { // null would be read as an object without fields
		return nil, errNoObject
	}
	return body, nil
}

// decodeIfAny is decode for bodies that may be left out.
func decodeIfAny(ctx context.Context, v any) error {
	if requestOf(ctx).r.ContentLength == 0 {
		return nil
	}
	_, err := decode(ctx, v)
	return err
}

func decodeError(err error, v any) error {
	if errors.Is(err, json.ErrUnknownName) {
		return model.InvalidFields([]model.Field{{Name: "unknown", Code: "unknown_field", Message: "There is a field that is not known here; known are " + strings.Join(namesOf(v), ", ") + "."}})
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return &model.Error{Kind: model.Malformed, Code: "duplicate_field", Detail: "The body names a field twice."}
	}
	se, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return errMalformed
	}
	name := strings.TrimPrefix(string(se.JSONPointer), "/")
	if head, _, _ := strings.Cut(name, "/"); slices.Contains(namesOf(v), head) {
		return model.InvalidFields([]model.Field{{Name: head, Code: "type", Message: "Has the wrong JSON type."}})
	}
	return errNoObject
}

// namesOf lists the JSON names of the struct behind v.
func namesOf(v any) []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeOf(v).Elem()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// tooDeep counts brackets outside of strings.
func tooDeep(body []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
