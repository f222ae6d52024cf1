package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// strict are bodies that no route takes, whatever it reads; %s is a field that
// it knows.
var strict = map[string]struct{ body, want string }{
	"unknown field":    {`{"not_there":1}`, "422 invalid"},
	"unknown inside":   {`{"not_there":{"%[1]s":1}}`, "422 invalid"},
	"field twice":      {`{"%[1]s":null,"%[1]s":null}`, "400 duplicate_field"},
	"twice, escaped":   {`{"%[1]s":null,"\u00%[2]s":null}`, "400 duplicate_field"},
	"too deep":         {`{"%[1]s":` + strings.Repeat("[", 33) + strings.Repeat("]", 33) + `}`, "400 too_deep"},
	"far too deep":     {strings.Repeat(`{"a":`, 5000), "400 too_deep"},
	"too long":         {`{"%[1]s":"` + strings.Repeat("x", 512<<10) + `"}`, "413 too_large"},
	"broken UTF-8":     {"{\"%[1]s\":\"\xff\"}", "400 malformed"},
	"lone surrogate":   {`{"%[1]s":"\ud800"}`, "400 malformed"},
	"something behind": {`{} {}`, "400 malformed"},
	"byte order mark":  {"\ufeff{}", "400 malformed"},
	"cut":              {`{"%[1]s":`, "400 malformed"},
	"null":             {"null", "422 invalid"},
	"a list":           {"[]", "422 invalid"},
	"a text":           {`"x"`, "422 invalid"},
}

type reader struct {
	api.Route
	path string
}

// readers are all routes that read JSON, with who may use them well and the
// path of a record that there is.
func readers(k *testkit.Kit) (all []reader) {
	k.T.Helper()
	w := newWorld(k, k.User1, "Own")
	for _, r := range k.API.Routes() {
		if len(properties(k.Contract(), r)) == 0 {
			continue
		}
		with := ids{"": k.Workspace2.ID.String()}
		if callersOf(r) == "member" {
			with = w.fresh(r)
		}
		all = append(all, reader{r, fill(r, with)})
	}
	return all
}

func TestEveryBodyIsReadStrictly_ASVS_15_3_5(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.Admin()
		admin := k.CSRFHeaders(model.User{ID: uuid.MustParse(k.DB.Rows("select user_id from platform_admins")[0][0])})
		owner, routes := k.CSRFHeaders(k.User1), readers(k)
		before := k.SnapshotWithoutTrail(k.Workspace1.ID) + k.SnapshotWithoutTrail(k.Workspace2.ID)
		for _, at := range routes {
			r, path := at.Route, at.path
			header := map[string]http.Header{"public": nil, "admin": admin}[callersOf(r)]
			if r.Member {
				header = owner
			}
			for what, c := range strict {
				body, field := c.body, slices.Sorted(maps.Keys(properties(k.Contract(), r)))[0]
				if c.want == "400 duplicate_field" && field == "credential" {
					continue // null is refused before it comes a second time
				}
				if strings.Contains(body, "%[") {
					body = fmt.Sprintf(body, field, fmt.Sprintf("%02x%s", field[0], field[1:]))
					body, _, _ = strings.Cut(body, "%!(EXTRA")
				}
				res := k.Do(r.Method, path, header, body)
				if got := fmt.Sprint(res.Status, " ", res.Map(k)["code"]); got != c.want && !missing(r, res) {
					t.Errorf("%s with %s: %s, want %s: %.200s", name(r), what, got, c.want, res.Body)
				}
				k.Declared(r.Method, path, res.Status)
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID)+k.SnapshotWithoutTrail(k.Workspace2.ID) != before {
			t.Error("a refused body changed something")
		}
		if len(routes) < 45 {
			t.Errorf("only %d routes read JSON", len(routes))
		}
	})
}

// missing: of a person's own things there may be none, which is said first.
func missing(r api.Route, res *testkit.Response) bool {
	return callersOf(r) == "person" && strings.Contains(r.Path, "{") && res.Status == 404
}
