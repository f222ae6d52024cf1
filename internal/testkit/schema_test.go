package testkit_test

import (
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/testkit"
)

const contract = `{
	"paths": {
		"/pets": {"get": {"responses": {
			"200": {"content": {"application/json": {"schema": {"type": "array", "maxItems": 2, "items": {"$ref": "#/components/schemas/Pet"}}}}},
			"204": {}
		}}},
		"/pets/{id}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}}}},
		"/pets/file": {"get": {"responses": {"200": {"content": {"text/csv": {"schema": {"type": "string"}}}}}}}
	},
	"components": {"schemas": {
		"Pet": {
			"type": "object", "additionalProperties": false, "required": ["id", "name", "born"],
			"properties": {
				"id": {"type": "string", "format": "uuid"},
				"name": {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-zש]+$"},
				"born": {"type": ["string", "null"], "format": "date"},
				"seen": {"type": "string", "format": "date-time"},
				"kind": {"type": "string", "enum": ["cat", "dog"]},
				"legs": {"type": "integer", "minimum": 2, "maximum": 4},
				"odd": {"type": "string", "colour": "red"}
			}
		}
	}}
}`

// What is held against the document must fail when it differs: this is shown
// here, because everywhere else it passes.
func TestContractFindsWhatDiffers(t *testing.T) {
	t.Parallel()
	c, err := testkit.ParseContract([]byte(contract))
	testkit.NoErr(t, err)
	const id = `"id": "00000000-0000-0000-0000-000000000001"`
	for _, x := range []struct{ name, body, fault string }{
		{"as documented", `{` + id + `, "name": "ששש", "born": null, "kind": "cat", "legs": 2}`, ""},
		{"all members", `{` + id + `, "name": "rex", "born": "2024-02-29", "seen": "2026-02-02T09:00:00.5Z"}`, ""},
		{"not an object", `[]`, "array is not object"},
		{"a member too many", `{` + id + `, "name": "rex", "born": null, "owner": 1}`, "owner is not declared"},
		{"a member missing", `{` + id + `, "name": "rex"}`, "born is missing"},
		{"wrong type", `{` + id + `, "name": 1, "born": null}`, "integer is not string"},
		{"null where none may be", `{` + id + `, "name": null, "born": null}`, "null is not string"},
		{"no integer", `{` + id + `, "name": "rex", "born": null, "legs": 2.5}`, "number is not integer"},
		{"too small", `{` + id + `, "name": "rex", "born": null, "legs": 1}`, "minimum"},
		{"too large", `{` + id + `, "name": "rex", "born": null, "legs": 5}`, "maximum"},
		{"too short", `{` + id + `, "name": "", "born": null}`, "minLength"},
		{"too long", `{` + id + `, "name": "ששששש", "born": null}`, "maxLength"},
		{"pattern", `{` + id + `, "name": "R", "born": null}`, "pattern"},
		{"not in the list", `{` + id + `, "name": "rex", "born": null, "kind": "cow"}`, "is none of"},
		{"no date", `{` + id + `, "name": "rex", "born": "2023-02-29"}`, "format date"},
		{"no time", `{` + id + `, "name": "rex", "born": null, "seen": "2026-02-02 09:00"}`, "format date-time"},
		{"no id", `{"id": "1", "name": "rex", "born": null}`, "format uuid"},
		{"a keyword that is not known", `{` + id + `, "name": "rex", "born": null, "odd": "x"}`, "colour"},
	} {
		faults := answer(c, "/pets/1", http.StatusOK, "application/json", x.body)
		if x.fault == "" && len(faults) > 0 {
			t.Errorf("%s: %v", x.name, faults)
		}
		if x.fault != "" && !strings.Contains(strings.Join(faults, "; "), x.fault) {
			t.Errorf("%s: found %v, not %s", x.name, faults, x.fault)
		}
	}
}

func TestContractJudgesTheWholeAnswer(t *testing.T) {
	t.Parallel()
	c, err := testkit.ParseContract([]byte(contract))
	testkit.NoErr(t, err)
	const pet = `{"id": "00000000-0000-0000-0000-000000000001", "name": "rex", "born": null}`
	for _, x := range []struct {
		path   string
		status int
		kind   string
		body   string
		fault  string
	}{
		{"/pets", 200, "application/json; charset=utf-8", "[" + pet + "," + pet + "]", ""},
		{"/pets?limit=2", 200, "application/json", "[]", ""},
		{"/pets", 200, "application/json", "[" + pet + "," + pet + "," + pet + "]", "maxItems"},
		{"/pets", 200, "application/json", "[" + pet + ",{}]", "$[1]: id is missing"},
		{"/pets", 200, "application/json", "[", "not JSON"},
		{"/pets", 200, "application/problem+json", "[]", "application/problem+json is not declared"},
		{"/pets", 200, "", "[]", "no content type"},
		{"/pets", 204, "", "", ""},
		{"/pets", 204, "", "x", "a body that is not declared"},
		{"/pets", 404, "application/json", "{}", "status 404 is not declared"},
		{"/dogs", 200, "application/json", "{}", "the route is not there"},
		{"/pets/1/legs", 200, "application/json", "{}", "the route is not there"},
		{"/pets/file", 200, "text/csv; charset=utf-8", "a,b", ""},
	} {
		got := strings.Join(answer(c, x.path, x.status, x.kind, x.body), "; ")
		if (x.fault == "") != (got == "") || !strings.Contains(got, x.fault) {
			t.Errorf("%s %d %s %s: found %q, want %q", x.path, x.status, x.kind, x.body, got, x.fault)
		}
	}
}

func answer(c *testkit.Contract, path string, status int, kind, body string) []string {
	res := &testkit.Response{Status: status, Header: http.Header{}, Body: []byte(body)}
	if kind != "" {
		res.Header.Set("Content-Type", kind)
	}
	return c.Answer(http.MethodGet, path, res)
}
