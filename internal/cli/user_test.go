package cli_test

import (
	"regexp"
	"strings"
	"testing"
)

func TestOperatorMakesAnAdminOnTheServer_ASVS_6_4_6(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	status, out, errs := b.run("user", "add-admin", "Ada@Example.com", "--link")
	if status != 0 || !regexp.MustCompile(`Sign in \(works once\): http\S+/sign-in/link#token=\S{43}`).MatchString(out) {
		t.Fatalf("%d: %s %s", status, out, errs)
	}
	if status, _, errs := b.run("user", "add-admin", "ada@example.com"); status != 0 {
		t.Errorf("the second time: %d %s", status, errs)
	}
	_, out, _ = b.run("user", "list")
	if strings.Count(out, "ada@example.com") != 1 || !regexp.MustCompile(`ada@example.com +admin +- +active +no`).MatchString(out) {
		t.Errorf("listed:\n%s", out)
	}
	_, out, _ = b.run("audit", "export", "--workspace", "00000000-0000-0000-0000-000000000000")
	if strings.Count(out, `"admin.add"`) != 2 || !strings.Contains(out, `"actor_kind":"operator"`) || strings.Contains(out, "ada@") {
		t.Errorf("the chain:\n%s", out)
	}
	if status, _, errs := b.run("user", "reset-factor", "ada@example.com"); status != 0 {
		t.Errorf("reset: %d %s", status, errs)
	}
	if status, _, errs := b.run("user", "remove-admin", "ADA@example.com"); status != 0 {
		t.Errorf("remove: %d %s", status, errs)
	}
	if _, out, _ = b.run("user", "list"); strings.Contains(out, "admin") {
		t.Errorf("still listed as admin:\n%s", out)
	}
}

func TestUserVerbRefuses(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for call, want := range map[string]int{
		"user": 2, "user list more": 2, "user add-admin": 2, "user add-admin a@example.com b@example.com": 2, "user drop a@example.com": 2,
		"user list --unknown": 2, "user add-admin nonsense": 1, "user remove-admin nobody@example.com": 1, "user reset-factor nobody@example.com": 1,
	} {
		status, _, errs := b.run(strings.Fields(call)...)
		if status != want || errs == "" || strings.Contains(errs, "nonsense") {
			t.Errorf("%s: %d, want %d: %s", call, status, want, errs)
		}
	}
}
