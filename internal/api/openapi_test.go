package api_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// document is a kit whose server answers nothing but what it is made of.
func document(t *testing.T) (*testkit.Kit, *testkit.Contract) {
	t.Helper()
	k := testkit.Bare(t, "sqlite")
	return k, k.Contract()
}

func TestDocumentIsServed(t *testing.T) {
	t.Parallel()
	k, c := document(t)
	res := k.Get("/openapi.json", nil).Want(k, http.StatusOK)
	if string(res.Body) != string(k.API.OpenAPI()) || res.Header.Get("Content-Type") != "application/json" {
		t.Errorf("served is another document, as %s", res.Header.Get("Content-Type"))
	}
	if v := fmt.Sprint(c.At()["openapi"]); !strings.HasPrefix(v, "3.1") {
		t.Errorf("OpenAPI %s", v)
	}
	if strings.Contains(string(res.Body), "://") {
		t.Error("the document points elsewhere")
	}
}

// bodies says which schema each open route reads. What member routes read is
// in calls.
var bodies = map[string]string{
	"POST /setup": "SetupIn", "POST /auth/magic-link": "LinkIn", "POST /auth/verify": "TokenIn", "POST /auth/code": "CodeIn",
	"POST /auth/second-factor": "FactorCodeIn", "POST /auth/second-factor/passkey/finish": "PasskeyAnswer", "POST /auth/passkey/finish": "PasskeyAnswer",
	"POST /auth/invitation": "TokenIn", "POST /auth/invitation/accept": "AcceptIn",
}

// made says which open routes answer with another status than 200.
var made = map[string]string{"POST /setup": "201", "POST /auth/magic-link": "202", "POST /auth/logout": "204"}

func routeName(r api.Route) string { return r.Method + " " + strings.TrimPrefix(r.Path, api.Base) }

func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	k, c := document(t)
	operations, known := map[string]bool{}, map[string]bool{}
	for _, r := range k.API.Routes() {
		name, op := routeName(r), c.At("paths", r.Path, strings.ToLower(r.Method))
		known[name] = true
		if op == nil {
			t.Errorf("%s is not documented", name)
			continue
		}
		id := fmt.Sprint(op["operationId"])
		if operations[id] || id == "" {
			t.Errorf("%s: the operation %q is there twice", name, id)
		}
		operations[id] = true
		if s, _ := op["summary"].(string); len(s) < 5 {
			t.Errorf("%s has no summary", name)
		}
		if tags, _ := op["tags"].([]any); len(tags) != 1 {
			t.Errorf("%s has the tags %v", name, op["tags"])
		}
		checkSecurity(t, r, op)
		checkBody(t, r, op)
		checkStatuses(t, r, op)
	}
	for path, item := range c.At("paths") {
		for method := range item.(obj) {
			if name := strings.ToUpper(method) + " " + strings.TrimPrefix(path, api.Base); !known[name] {
				t.Errorf("%s is documented and not there", name)
			}
		}
	}
	for name := range bodies {
		if !known[name] {
			t.Errorf("%s is in the table of bodies and not there", name)
		}
	}
}

func checkSecurity(t *testing.T, r api.Route, op obj) {
	t.Helper()
	want := "<nil>"
	if r.Member || r.Admin {
		want = "[map[session:[]]]"
		if r.Method != http.MethodGet {
			want = "[map[csrf:[] session:[]]]"
		}
	}
	if got := fmt.Sprint(op["security"]); got != want {
		t.Errorf("%s: security %s, want %s", routeName(r), got, want)
	}
}

func checkBody(t *testing.T, r api.Route, op obj) {
	t.Helper()
	body, _ := op["requestBody"].(obj)
	if !reads(r) {
		if body != nil {
			t.Errorf("%s: a body is documented that nobody reads", routeName(r))
		}
		return
	}
	want := "map[application/json:map[schema:map[$ref:#/components/schemas/" + bodies[routeName(r)]
	if calls[routeName(r)].ctype != "" {
		want = "map[text/csv:map[schema:map[contentMediaType:application/octet-stream format:binary type:string]]]"
	}
	if got := fmt.Sprint(body["content"]); !strings.HasPrefix(got, want) {
		t.Errorf("%s: body %s, want %s", routeName(r), got, want)
	}
}

// reads reports whether the route reads a body.
func reads(r api.Route) bool {
	_, open := bodies[routeName(r)]
	return open || rowOf(r).body != nil || adminCalls[routeName(r)].body != nil
}

func checkStatuses(t *testing.T, r api.Route, op obj) {
	t.Helper()
	name := routeName(r)
	responses, _ := op["responses"].(obj)
	good := cmp.Or(made[name], "200")
	if r.Member {
		good = strconv.Itoa(rowOf(r).want)
	}
	if r.Admin {
		good = strconv.Itoa(adminCalls[name].want)
	}
	want := []string{good, "429", "500", "503"}
	if r.Member || r.Admin {
		want = append(want, "401", "403")
	}
	if reads(r) {
		want = append(want, "400", "413", "415", "422")
	}
	if strings.Contains(r.Path, "{") {
		want = append(want, "404", "422")
	}
	if r.Method == http.MethodPut || r.Method == http.MethodPatch {
		want = append(want, "409")
	}
	for _, status := range want {
		if responses[status] == nil {
			t.Errorf("%s: status %s is not declared", name, status)
		}
	}
	for status, response := range responses {
		content, _ := response.(obj)["content"].(obj)
		switch code, err := strconv.Atoi(status); {
		case err != nil:
			t.Errorf("%s: status %q", name, status)
		case code >= 400:
			if got := fmt.Sprint(content); got != "map[application/problem+json:map[schema:map[$ref:#/components/schemas/Problem]]]" {
				t.Errorf("%s: %s answers %s", name, status, got)
			}
		case code == http.StatusNotModified && r.Method == http.MethodGet:
		case status != good:
			t.Errorf("%s: %s is declared, it answers %s", name, status, good)
		case (len(content) == 0) != (status == "204"):
			t.Errorf("%s: %s answers %v", name, status, content)
		}
	}
}

func TestDocumentedObjectsAreClosedAndReferencesLead_ASVS_15_3_1(t *testing.T) {
	t.Parallel()
	_, c := document(t)
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case obj:
			if _, each := v["additionalProperties"].(obj); v["type"] == "object" && v["additionalProperties"] != false && !each && v["description"] != api.ForeignForm {
				t.Errorf("%s is open", at)
			}
			if ref, ok := v["$ref"].(string); ok && c.At("components", "schemas", strings.TrimPrefix(ref, "#/components/schemas/")) == nil {
				t.Errorf("%s points to %s, which is not there", at, ref)
			}
			for name, inner := range v {
				walk(at+"."+name, inner)
			}
		case []any:
			for i, inner := range v {
				walk(fmt.Sprint(at, i), inner)
			}
		}
	}
	walk("$", c.At())
}

// limits are what the document must say of each text, by the rules of model.
var limits = map[string]map[string]int{
	"ClientIn":     clientLimits,
	"ClientChange": clientLimits,
	"ConsentIn":    {"text_version": 100, "text": model.MaxHistory},
	"WorkspaceIn":  {"name": model.MaxName},
	"SetupIn":      {"practice_name": model.MaxName, "full_name": model.MaxName, "email": model.MaxEmail},
	"LinkIn":       {"email": model.MaxEmail},
}

var clientLimits = map[string]int{
	"first_name": model.MaxName, "last_name": model.MaxName, "email": model.MaxEmail, "phone": model.MaxPhone, "address": model.MaxAddress,
	"medical_history": model.MaxHistory, "notes": model.MaxHistory, "emergency_contact_name": model.MaxName, "emergency_contact_phone": model.MaxPhone,
}

func TestDocumentedLimitsAreTheModels(t *testing.T) {
	t.Parallel()
	_, c := document(t)
	for schema, fields := range limits {
		properties := c.At("components", "schemas", schema, "properties")
		for name, limit := range fields {
			property, _ := properties[name].(obj)
			if got := fmt.Sprint(property["maxLength"]); got != fmt.Sprint(limit) {
				t.Errorf("%s.%s: at most %s, want %d", schema, name, got, limit)
			}
		}
	}
	for _, schema := range []string{"ClientIn", "ClientChange"} {
		tags := c.At("components", "schemas", schema, "properties", "tags")
		items, _ := tags["items"].(obj)
		if fmt.Sprintf("%v of %v", tags["maxItems"], items["maxLength"]) != fmt.Sprintf("%d of %d", model.MaxTags, model.MaxTag) {
			t.Errorf("%s.tags: %v of %v characters", schema, tags["maxItems"], items["maxLength"])
		}
	}
	kinds := fmt.Sprint(c.At("components", "schemas", "ConsentIn", "properties", "kind")["enum"])
	if kinds != fmt.Sprint(model.ConsentKinds) {
		t.Errorf("kinds of consent: %s", kinds)
	}
}

// A change can name what a creation can, and nothing that it cannot set.
func TestCreateAndChangeKnowTheSameFields(t *testing.T) {
	t.Parallel()
	_, c := document(t)
	names := func(schema string) (all []string) {
		for name := range c.At("components", "schemas", schema, "properties") {
			if name != "version" {
				all = append(all, name)
			}
		}
		slices.Sort(all)
		return all
	}
	if create, change := names("ClientIn"), names("ClientChange"); !slices.Equal(create, change) || len(create) != 11 {
		t.Errorf("created with %v, changed with %v", create, change)
	}
	if required := c.At("components", "schemas", "ClientIn")["required"]; fmt.Sprint(required) != "[first_name last_name]" {
		t.Errorf("required: %v", required)
	}
}

// The document's limits are true: what it allows passes, one more does not.
func TestDocumentedLimitsHold(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, c := k.CSRFHeaders(k.User1), k.Contract()
		path := "/clients/" + k.Client1.ID.String()
		for name, v := range c.At("components", "schemas", "ClientIn", "properties") {
			property, _ := v.(obj)
			limit, err := strconv.Atoi(fmt.Sprint(property["maxLength"]))
			if err != nil || property["format"] == "email" {
				continue
			}
			body := obj{"first_name": "a", "last_name": "b", name: strings.Repeat("ש", limit)}
			same(k, newClient(k, h, body), body)
			same(k, k.Ask(http.MethodPut, path, h, body).Want(k, http.StatusOK).Map(k), body)
			body[name] = strings.Repeat("ש", limit+1)
			k.Ask(http.MethodPost, "/clients", h, body).Want(k, http.StatusUnprocessableEntity)
			k.Ask(http.MethodPut, path, h, body).Want(k, http.StatusUnprocessableEntity)
		}
	})
}
