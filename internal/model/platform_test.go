package model_test

import (
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
)

func TestBlacklistEntriesAreRead(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"a@example.com": "email a@example.com", " \tA@Example.COM\n": "email a@example.com", "a+b@example.com": "email a+b@example.com",
		"example.com": "domain example.com", "@Example.com": "domain example.com", "sub.example.co.il": "domain sub.example.co.il",
	} {
		b, err := model.BlacklistEntry{Value: model.Text(value), Reason: " why "}.Normalize()
		if got := b.Kind + " " + string(b.Value); err != nil || got != want || b.Reason != "why" {
			t.Errorf("%q is read as %q, %v", value, got, err)
		}
	}
	for _, value := range []string{"", "com", "a@com", "a@b@c", "@", "a b@example.com", "ex ample.com", "a@", strings.Repeat("a", 250) + "@example.com"} {
		if _, err := (model.BlacklistEntry{Value: model.Text(value), Reason: "why"}).Normalize(); model.KindOf(err) != model.Invalid {
			t.Errorf("%q: %v", value, err)
		}
	}
	if _, err := (model.BlacklistEntry{Value: "a@example.com", Reason: " "}).Normalize(); model.KindOf(err) != model.Invalid {
		t.Errorf("no reason: %v", err)
	}
}

func TestMailDomainsGoUpToTheLastDot(t *testing.T) {
	t.Parallel()
	for email, want := range map[string][]string{
		"a@b.example.com": {"b.example.com", "example.com"}, "a@example.com": {"example.com"}, "a@localhost": nil, "": nil,
	} {
		if got := model.MailDomains(email); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", email, got, want)
		}
	}
}

func TestWorkspaceFilterMatchesNamesAndOwners(t *testing.T) {
	t.Parallel()
	w := &model.ManagedWorkspace{Name: "Clínica Sol", Status: "active", Owners: []model.User{{FullName: "Noa Levi", Email: "noa@example.com"}}}
	for query, want := range map[string]bool{
		"": true, "  ": true, "clinica": true, "LEVI": true, "noa@": true, "NOA@EXAMPLE": true, "%": false, "dana": false,
	} {
		if got := (model.WorkspaceFilter{Query: query}).Matches(w); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
	if (model.WorkspaceFilter{Status: "deleted"}).Matches(w) || !(model.WorkspaceFilter{Status: "active"}).Matches(w) {
		t.Error("the status does not count")
	}
}

func TestQuotaIsBounded(t *testing.T) {
	t.Parallel()
	for bytes, ok := range map[int64]bool{-1: false, 0: true, model.MaxQuota: true, model.MaxQuota + 1: false} {
		if err := model.CheckQuota(bytes); (err == nil) != ok {
			t.Errorf("%d: %v", bytes, err)
		}
	}
}
