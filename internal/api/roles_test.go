package api_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

const (
	rolesFile  = "../../docs/security.md"
	rolesBegin = "<!-- ROLES: written by make golden -->\n"
	rolesEnd   = "<!-- end of ROLES -->"
)

// roleMatrix is who may use which route, from the tables that decide it.
func roleMatrix(routes []api.Route) string {
	var b strings.Builder
	b.WriteString("\n| route | action | owner | practitioner | assistant | platform admin |\n|---|---|---|---|---|---|\n")
	for _, r := range routes {
		if !r.Member && !r.Admin {
			continue
		}
		action := r.Action.String()
		if action == "" {
			action = "own session"
		}
		if r.Fresh {
			action += ", proved within 5 minutes"
		}
		fmt.Fprintf(&b, "| %s | %s |", name(r), action)
		for _, role := range []model.Role{model.Owner, model.Practitioner, model.Assistant} {
			b.WriteString(mark(r.Member && (r.Action == 0 || role.May(r.Action))))
		}
		b.WriteString(mark(r.Admin || r.Either) + "\n")
	}
	return b.String() + "\n"
}

func mark(may bool) string {
	if may {
		return " yes |"
	}
	return " |"
}

// TestGoldenRoleMatrix holds the table in docs/security.md to the tables of the
// program. TestEveryRoleMayWhatTheTableSays tries each of its cells.
func TestGoldenRoleMatrix(t *testing.T) {
	t.Parallel()
	want := roleMatrix(testkit.Bare(t, "sqlite").API.Routes())
	doc, err := os.ReadFile(rolesFile)
	testkit.NoErr(t, err)
	before, rest, begun := strings.Cut(string(doc), rolesBegin)
	got, after, ended := strings.Cut(rest, rolesEnd)
	if !begun || !ended {
		t.Fatal("docs/security.md has lost the marks around the roles")
	}
	if os.Getenv("UPDATE") == "1" {
		got = want
		testkit.NoErr(t, os.WriteFile(rolesFile, []byte(before+rolesBegin+want+rolesEnd+after), 0o600))
	}
	if got != want {
		t.Fatal("who may use which route has changed; run make golden and look at the diff")
	}
	if strings.Count(want, " yes |") < 200 || strings.Count(want, "| |") < 50 {
		t.Errorf("the table has lost its meaning:\n%s", want)
	}
}
