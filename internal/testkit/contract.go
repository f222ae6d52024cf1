package testkit

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Declared fails the test when the API's document does not name the status
// for the operation behind a method and a path. Addresses that the document
// does not have, and answers given before an operation is found (405 and 404
// of addresses), are passed over.
func (k *Kit) Declared(method, path string, status int) {
	k.T.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]any `json:"responses"`
		} `json:"paths"`
	}
	NoErr(k.T, json.Unmarshal(k.API.OpenAPI(), &doc))
	path, _, _ = strings.Cut(k.path(path), "?")
	for template, item := range doc.Paths {
		op, ok := item[strings.ToLower(method)]
		if !ok || !matches(template, path) || shadowed(doc.Paths, template, path) {
			continue
		}
		if _, ok := op.Responses[strconv.Itoa(status)]; !ok {
			k.T.Errorf("%s %s answers %d, which the document does not name", method, template, status)
		}
	}
}

func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		if w != got[i] && !strings.HasPrefix(w, "{") {
			return false
		}
	}
	return true
}

// shadowed reports whether a template is passed over because another one
// names the path without a parameter.
func shadowed[V any](paths map[string]V, template, path string) bool {
	_, exact := paths[path]
	return exact && template != path
}
