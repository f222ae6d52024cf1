package api

import (
	"net/http"
	"strings"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// unambiguous refuses what could be read in two ways: an id in another form than
// ours, which nothing has, and a header that says two things.
func unambiguous(r *http.Request, rt Route) error {
	for part := range strings.SplitSeq(rt.Path, "/") {
		name, isID := strings.CutSuffix(strings.Trim(part, "{}"), "id")
		if isID && part != "" && part[0] == '{' && otherForm(r.PathValue(name+"id")) {
			return model.ErrNotFound
		}
	}
	for _, name := range []string{"If-Match", "Idempotency-Key"} {
		if len(r.Header.Values(name)) > 1 {
			return model.InvalidFields([]model.Field{{Name: name, Code: "repeated", Message: "Must be there once."}})
		}
	}
	return nil
}

// otherForm reports whether a text is an id, but not as we write it: small
// letters with dashes.
func otherForm(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() != text
}
