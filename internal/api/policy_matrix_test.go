package api_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// policyFile says of every route who may call it. It is written by make golden
// and read by the isolation matrix, so that a route which is opened by mistake
// shows in the diff and not only in a table that code made of itself.
const policyFile = "testdata/policy.txt"

// policy is a line of the file.
type policy struct {
	callers string   // public, member, person or admin
	fresh   bool     // a factor must have been proved just now
	class   string   // of its limits
	roles   []string // who of the members may
}

// may says whether a signed-in caller of that kind may use the route: "owner",
// "practitioner", "assistant" or "admin".
func (p policy) may(kind string) bool {
	switch p.callers {
	case "public", "person":
		return true
	case "admin":
		return kind == "admin"
	}
	return slices.Contains(p.roles, kind)
}

// callersOf says who may call: "public" everybody, "member" a practice's people,
// "admin" whoever runs the server, "person" both of these.
func callersOf(r api.Route) string {
	switch {
	case r.Admin:
		return "admin"
	case r.Either:
		return "person"
	case r.Member:
		return "member"
	}
	return "public"
}

func policyLine(r api.Route) string {
	roles := []string{}
	for _, role := range []model.Role{model.Owner, model.Practitioner, model.Assistant} {
		if r.Member && (r.Action == 0 || role.May(r.Action)) {
			roles = append(roles, role.String())
		}
	}
	fresh, action := "-", "-"
	if r.Fresh {
		fresh = "fresh"
	}
	if r.Action != 0 {
		action = r.Action.String()
	}
	return fmt.Sprintf("%-6s %-45s %-7s %-6s %-8s %-26s %s", r.Method, strings.TrimPrefix(r.Path, api.Base), callersOf(r), fresh, r.Class, action, cmpOr(strings.Join(roles, ","), "-"))
}

func cmpOr(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

// TestGoldenPolicy fails when a route has no line, or another one: who may call
// is a decision. After one that is meant: make golden, and look at the diff.
func TestGoldenPolicy(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	lines := []string{"# method path callers fresh class action roles"}
	for _, r := range k.API.Routes() {
		lines = append(lines, strings.TrimRight(policyLine(r), " "))
	}
	slices.Sort(lines[1:])
	got := strings.Join(lines, "\n") + "\n"
	if os.Getenv("UPDATE") == "1" {
		testkit.NoErr(t, os.WriteFile(policyFile, []byte(got), 0o600))
	}
	want, err := os.ReadFile(policyFile)
	testkit.NoErr(t, err)
	if got != string(want) {
		t.Fatalf("who may call what has changed; run make golden and look at the diff. It is now:\n%s", got)
	}
}

// policies reads the file.
func policies(t *testing.T) map[string]policy {
	t.Helper()
	text, err := os.ReadFile(policyFile)
	testkit.NoErr(t, err)
	all := map[string]policy{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) != 7 || f[0] == "#" {
			continue
		}
		all[f[0]+" "+f[1]] = policy{callers: f[2], fresh: f[3] == "fresh", class: f[4], roles: strings.Split(f[6], ",")}
	}
	return all
}

// What nobody is signed in for, and what only searches, imports and exports,
// is counted strictly.
func TestEveryRouteHasTheClassOfItsKind(t *testing.T) {
	t.Parallel()
	for route, p := range policies(t) {
		get := strings.HasPrefix(route, "GET ")
		var want []string
		switch {
		case p.callers == "public":
			want = []string{"sign-in", "feed"}
		case get:
			want = []string{"read", "heavy", "live"}
		default:
			want = []string{"write", "heavy", "sign-in"}
		}
		if !slices.Contains(want, p.class) {
			t.Errorf("%s is of the class %s", route, p.class)
		}
	}
}
