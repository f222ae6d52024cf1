package api_test

import (
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// The ids in an address are ours, letter for letter: one record has one address.
func TestAnIDInAnotherFormIsNotFound(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		tried := 0
		for _, r := range members(k) {
			if !strings.Contains(r.Path, "id}") {
				continue
			}
			mine := w.fresh(r)
			path := fill(r, mine)
			before := k.SnapshotWithoutTrail(k.Workspace1.ID)
			for id := range idsIn(path) {
				for _, other := range []string{strings.ToUpper(id), "%7B" + id + "%7D", "urn:uuid:" + id, strings.ReplaceAll(id, "-", "")} {
					if other == id {
						continue // it has no letters
					}
					tried++
					at := strings.Replace(path, id, other, 1)
					if res := k.Do(r.Method, at, w.member, resolve(k, calls[name(r)].body, mine)); res.Status != 404 || res.Map(k)["code"] != "not_found" {
						t.Errorf("%s %s: %d %s", r.Method, at, res.Status, res.Body)
					}
				}
			}
			if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
				t.Errorf("%s: another form of an id changed something", name(r))
			}
		}
		if tried < 60 {
			t.Errorf("only %d addresses were tried", tried)
		}
	})
}

// idsIn are the parts of a path that are ids.
func idsIn(path string) map[string]bool {
	all := map[string]bool{}
	for part := range strings.SplitSeq(path, "/") {
		if len(part) == 36 && strings.Count(part, "-") == 4 {
			all[part] = true
		}
	}
	return all
}

func TestAHeaderThatSaysTwoThingsIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		twice := header.Clone()
		twice["Idempotency-Key"] = []string{"one", "two"}
		res := k.Do(http.MethodPost, "/clients", twice, fields{"first_name": "A", "last_name": "B"})
		if got := outline(k, res); got != "422 header.Idempotency-Key:repeated" {
			t.Errorf("two keys: %s", got)
		}
		change := "/clients/" + k.Client1.ID.String()
		for _, match := range [][]string{{`"1"`, `"2"`}, {"+1"}, {`"+1"`}, {"01"}, {"`1`"}, {"'1'"}, {`"1`}, {"1.0"}} {
			h := header.Clone()
			h["If-Match"] = match
			if got := outline(k, k.Do(http.MethodPut, change, h, fields{"first_name": "Other"})); !strings.HasPrefix(got, "422 header.If-Match:") {
				t.Errorf("If-Match %q: %s", match, got)
			}
		}
		if n := len(k.Audited(k.Workspace1.ID, model.ClientUpdate)) + len(k.Audited(k.Workspace1.ID, model.ClientCreate)); n > 1 { // the kit makes one
			t.Errorf("%d changes were made", n)
		}
		header.Set("If-Match", `"1"`)
		k.Do(http.MethodPut, change, header, fields{"first_name": "Other"}).Want(k, 200)
	})
}
